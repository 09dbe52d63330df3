from django.urls import URLPattern, URLResolver, path

from reviews.web import ending, lists, meeting, opening, pages, parts, promises, seats, trade_offs

app_name = "reviews"
# "_new" is no code: codes begin with a letter or a digit.
urlpatterns: list[URLPattern | URLResolver] = [
    path("reviews/", lists.reviews, name="list"),
    path("reviews/_new/", opening.open_portfolio, name="open-portfolio"),
    path("initiatives/<str:key>/reviews/", lists.for_initiative, name="for-initiative"),
    path("initiatives/<str:key>/reviews/_new/", opening.open_page, name="open"),
    path("reviews/<str:ref>/", pages.review, name="review"),
    path("reviews/<str:ref>/change/", opening.change, name="change"),
    path("reviews/<str:ref>/send/", opening.send, name="send"),
    path("reviews/<str:ref>/lapse/", ending.lapse, name="lapse"),
    path("reviews/<str:ref>/conclude/", ending.conclude, name="conclude"),
    path("reviews/<str:ref>/reaffirm/", ending.reaffirm_page, name="reaffirm"),
    path("reviews/<str:ref>/sign/", meeting.sign, name="sign"),
    path("reviews/<str:ref>/invitation.ics", meeting.invitation, name="invitation"),
    path("reviews/<str:ref>/projector/", meeting.projector, name="projector"),
    path("reviews/<str:ref>/live/", meeting.live, name="live"),
    path("reviews/<str:ref>/deputy/", meeting.deputy, name="deputy"),
    path("reviews/<str:ref>/deputy/withdraw/", meeting.no_deputy, name="deputy-withdraw"),
    path("reviews/<str:ref>/parts/<str:part>/", parts.part, name="part"),
    path("reviews/<str:ref>/participants/_new/", seats.invite, name="invite"),
    path("reviews/<str:ref>/participants/<uuid:person>/remove/", seats.remove, name="remove"),
    path("reviews/<str:ref>/trade-offs/_new/", trade_offs.propose, name="propose"),
    path("reviews/<str:ref>/trade-offs/<str:code>/", trade_offs.trade_off, name="trade-off"),
    path("reviews/<str:ref>/trade-offs/<str:code>/change/", trade_offs.change, name="change-trade-off"),
    path("reviews/<str:ref>/trade-offs/<str:code>/withdraw/", trade_offs.withdraw, name="withdraw"),
    path("reviews/<str:ref>/conditions/<str:condition>/settle/", promises.settle, name="settle"),
    path("reviews/<str:ref>/conditions/<str:condition>/ask/", promises.ask, name="ask"),
    path("reviews/<str:ref>/conditions/<str:condition>/take-back/", promises.take_back, name="take-back"),
    path("reviews/<str:ref>/commitments/_new/", promises.commit, name="commit"),
    path("reviews/<str:ref>/commitments/<str:commitment>/meet/", promises.meet, name="meet"),
]
