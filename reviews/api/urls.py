from django.urls import URLPattern, URLResolver, path

from reviews.api import meeting, reviews, voices

app_name = "reviews"
urlpatterns: list[URLPattern | URLResolver] = [
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/<str:ref>/", reviews.review, name="review"),
    path("reviews/<str:ref>/conclude/", reviews.conclude, name="conclude"),
    path("reviews/<str:ref>/sign/", meeting.signature, name="sign"),
    path("reviews/<str:ref>/lapse/", reviews.lapse, name="lapse"),
    path("reviews/<str:ref>/participants/", voices.participants, name="participants"),
    path("reviews/<str:ref>/participants/remove/", voices.removal, name="participant-remove"),
    path("reviews/<str:ref>/trade-offs/", voices.trade_offs, name="trade-offs"),
    path("reviews/<str:ref>/trade-offs/<str:code>/", voices.trade_off, name="trade-off"),
    path("reviews/<str:ref>/trade-offs/<str:code>/withdraw/", voices.withdrawal, name="trade-off-withdraw"),
    path("reviews/<str:ref>/stances/", voices.stances, name="stances"),
    path("reviews/<str:ref>/divergence/", meeting.divergence, name="divergence"),
    path("reviews/<str:ref>/changes/", meeting.changes, name="changes"),
    path("reviews/<str:ref>/proposals/", meeting.proposals, name="proposals"),
    path("reviews/<str:ref>/invitation/", meeting.invitation, name="invitation"),
    path("reviews/<str:ref>/deputy/", meeting.deputy, name="deputy"),
    path("reviews/<str:ref>/deputy/withdraw/", meeting.no_deputy, name="deputy-withdraw"),
    path("reviews/<str:ref>/reaffirm/", voices.reaffirmation, name="reaffirm"),
    path("reviews/<str:ref>/conditions/<str:condition>/settle/", voices.settlement, name="condition-settle"),
    path("reviews/<str:ref>/conditions/<str:condition>/ask/", voices.question, name="condition-ask"),
    path(
        "reviews/<str:ref>/conditions/<str:condition>/take-back/",
        voices.taken_back,
        name="condition-take-back",
    ),
    path("reviews/<str:ref>/commitments/", voices.commitments, name="commitments"),
    path("reviews/<str:ref>/commitments/<str:commitment>/meet/", voices.fulfilment, name="commitment-meet"),
]
