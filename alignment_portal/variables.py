"""Everything that can be set from outside, in one table. environment.py reads it."""

from dataclasses import dataclass

# As accounts.roles has them; a test compares.
ROLES = ("programme_manager", "contributor", "assurer", "executive", "auditor", "administrator")
FUNCTIONS = (
    "business",
    "risk",
    "legal",
    "security",
    "data",
    "change",
    "operations",
    "technology",
    "finance",
    "customer",
)


@dataclass(frozen=True)
class Setting:
    """One environment variable. A secret may also be given as the path of a file, in NAME_FILE."""

    name: str
    words: str
    default: str = ""
    kind: str = "text"
    choices: tuple[str, ...] = ()
    secret: bool = False
    production: str = ""  # what production asks of it, in words


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "PORTAL_MODE",
        "`embedded` needs no server beside it; `production` is strict about secrets, addresses and HTTPS.",
        default="embedded",
        kind="choice",
        choices=("embedded", "production"),
    ),
    Setting(
        "SECRET_KEY",
        "Signs sessions and links. The embedded mode makes one itself, in `var/secret-key`.",
        secret=True,
        production="required, 50 characters or more",
    ),
    Setting(
        "DEBUG",
        "Show faults in the browser. For development only.",
        default="off",
        kind="bool",
        production="off",
    ),
    Setting(
        "PORTAL_VAR", "The folder for the database, files, queue and e-mail.", default="var", kind="path"
    ),
    Setting(
        "ALLOWED_HOSTS",
        "Host names the portal answers to, separated by commas.",
        default="localhost,127.0.0.1,[::1]",
        kind="list",
        production="required",
    ),
    Setting(
        "PORTAL_URL",
        "The address people reach the portal at; links in e-mails and packs begin with it.",
        default="http://localhost:8000",
        kind="url",
        production="required, https",
    ),
    Setting(
        "DATABASE_URL",
        "`sqlite:///path` or `postgres://user:password@host/name`. Empty: SQLite in the folder above.",
        secret=True,
        production="PostgreSQL",
    ),
    Setting(
        "DATABASE_REPLICA_URL",
        "A read-only copy of it, for pages that may be a moment old: the history. Empty: none.",
        secret=True,
    ),
    Setting(
        "DATABASE_CONNECTION_SECONDS",
        "How long a connection to the database is kept open for the next request.",
        default="60",
        kind="int",
    ),
    Setting(
        "REDIS_URL",
        "The Celery broker and the shared cache. Empty: a queue of files, for one worker on one machine.",
        secret=True,
        production="required",
    ),
    Setting(
        "EMAIL_URL",
        "Where e-mail goes, such as `smtp+tls://user:password@host:587`. Empty: files.",
        secret=True,
    ),
    Setting(
        "DEFAULT_FROM_EMAIL",
        "The sender of the portal's e-mail.",
        default="Alignment portal <portal@localhost>",
    ),
    Setting(
        "LOG_LEVEL",
        "How much is logged.",
        default="INFO",
        kind="choice",
        choices=("DEBUG", "INFO", "WARNING", "ERROR"),
    ),
    Setting(
        "LOG_FORMAT",
        "`text` for people, `json` for machines.",
        default="text",
        kind="choice",
        choices=("text", "json"),
    ),
    Setting(
        "FILES_BUCKET",
        "The S3-compatible bucket that keeps evidence and packs. Empty: the folder `files` in `PORTAL_VAR`.",
    ),
    Setting("FILES_ENDPOINT", "The address of that store, where it is not Amazon's."),
    Setting("FILES_REGION", "The region of that store."),
    Setting("FILES_ACCESS_KEY", "The key to that store. Empty: the machine's own role.", secret=True),
    Setting("FILES_SECRET_KEY", "The secret of that key.", secret=True),
    Setting(
        "METRICS_TOKEN",
        "What Prometheus sends as `Authorization: Bearer …` to read `/metrics`.",
        secret=True,
    ),
    Setting(
        "METRICS_NETWORKS",
        "Networks that may read `/metrics` without a token, separated by commas.",
        default="127.0.0.0/8,::1/128",
        kind="list",
    ),
    Setting(
        "TRACES_URL",
        "Where OpenTelemetry traces go, such as `http://collector:4318/v1/traces`. Empty: nowhere.",
    ),
    Setting("UPLOAD_MAX_MB", "The largest evidence file, in megabytes.", default="25", kind="int"),
    Setting(
        "UPLOAD_MAX_REQUEST_MB",
        "The largest request of all, in megabytes; a larger one is refused before it is read.",
        default="200",
        kind="int",
    ),
    Setting("UPLOAD_MAX_FILES", "How many files one submission may hold.", default="20", kind="int"),
    Setting("API_RATE", "API requests each token may make in a minute.", default="600", kind="int"),
    Setting(
        "FRAMEWORKS",
        "A folder with frameworks of your own, one TOML file each, written like those in `gates/frameworks/`.",
        kind="path",
    ),
    Setting(
        "WEBHOOK_NETWORKS",
        "Private networks that webhooks may reach, such as `10.20.0.0/16`, separated by commas. Empty: none.",
        kind="list",
    ),
    Setting(
        "SIGN_IN_ATTEMPTS",
        "Failed sign-ins for one account before a pause; ten times as many from one address.",
        default="5",
        kind="int",
    ),
    Setting("SIGN_IN_PAUSE_MINUTES", "The length of that pause.", default="15", kind="int"),
    Setting("SESSION_HOURS", "Hours until a session ends, used or not.", default="12", kind="int"),
    Setting("SESSION_IDLE_MINUTES", "Minutes until an unused session ends.", default="120", kind="int"),
    Setting(
        "KEEP_ATTEMPTS_HOURS",
        "How long failed sign-ins are kept; at least twice the pause above.",
        default="1",
        kind="int",
    ),
    Setting("KEEP_SESSIONS_DAYS", "How long ended and unused sessions are listed.", default="90", kind="int"),
    Setting("KEEP_EVENTS_DAYS", "How long the events feed reaches back.", default="30", kind="int"),
    Setting("KEEP_ANSWERS_HOURS", "How long an Idempotency-Key is remembered.", default="24", kind="int"),
    Setting(
        "KEEP_READINGS_DAYS",
        "How long it is kept who opened a pack: 90 days or more, 0 for as long as the pack.",
        default="365",
        kind="int",
    ),
    Setting(
        "CONFIRM_MINUTES",
        "For how many minutes signing in, or confirming that it is you, counts before endorsing, waiving, "
        "concluding, moving a status and managing people. Nought asks every time.",
        default="15",
        kind="int",
    ),
    Setting(
        "SECOND_FACTOR_ROLES",
        "Roles whose holders need a second factor beside their password, separated by commas.",
        kind="list",
        choices=ROLES,
    ),
    Setting(
        "PORTAL_OIDC_ISSUER",
        "The address of an OpenID Connect provider, without `/.well-known/…`. Empty: no single sign-on by it.",
        kind="url",
    ),
    Setting("PORTAL_OIDC_CLIENT_ID", "The portal's name with that provider."),
    Setting("PORTAL_OIDC_CLIENT_SECRET", "The portal's secret with that provider.", secret=True),
    Setting("PORTAL_OIDC_NAME", "What the button says after “Sign in with”.", default="OpenID Connect"),
    Setting("PORTAL_OIDC_SCOPES", "What is asked for.", default="openid,email,profile", kind="list"),
    Setting("PORTAL_OIDC_GROUPS", "The claim that lists a person's groups.", default="groups"),
    Setting("PORTAL_SAML_ENTITY", "The entity id of a SAML identity provider. Empty: none."),
    Setting("PORTAL_SAML_URL", "Where that provider signs people in (HTTP-Redirect).", kind="url"),
    Setting("PORTAL_SAML_CERTIFICATE", "The certificate it signs with, in PEM form.", secret=True),
    Setting("PORTAL_SAML_NAME", "What the button says after “Sign in with”.", default="SAML"),
    Setting("PORTAL_SAML_EMAIL", "The attribute with the e-mail address.", default="email"),
    Setting("PORTAL_SAML_PERSON_NAME", "The attribute with the person's name.", default="name"),
    Setting("PORTAL_SAML_GROUPS", "The attribute that lists a person's groups.", default="groups"),
    Setting(
        "PORTAL_SSO_DOMAINS",
        "Domains whose addresses are believed although the provider does not mark them as verified. "
        "SAML providers never mark them.",
        kind="list",
    ),
    Setting(
        "PORTAL_SSO_CREATE",
        "Open an account for whoever comes by single sign-on without having one.",
        default="off",
        kind="bool",
    ),
    Setting(
        "PORTAL_SSO_ROLES",
        "Which group gives which role: `group=role`, or `group=assurer:function`, separated by commas. "
        "A group may stand more than once.",
        kind="list",
    ),
    Setting(
        "ORGANISATION", "The name of your organisation, on packs and pages.", default="Your organisation"
    ),
    Setting(
        "PACK_DAY",
        "Day of the month on which the pack of the portfolio is built for the executives; 0 for never.",
        default="1",
        kind="int",
    ),
    Setting(
        "PACK_PARTS",
        "In how many parts a long pack is laid out side by side, at most 4; 1 lays out every pack whole, in one process.",
        default="4",
        kind="int",
    ),
    Setting(
        "PACK_CERTIFICATE",
        "A PKCS #12 file (.p12) whose certificate signs each copy of a pack (PAdES). Empty: copies are not signed.",
    ),
    Setting("PACK_CERTIFICATE_PASSWORD", "The password of that file.", secret=True),
    Setting(
        "PROXY_COUNT",
        "How many trusted proxies stand before the portal; the caller's address is read that far back.",
        default="0",
        kind="int",
    ),
    Setting(
        "HSTS_SECONDS",
        "How long browsers must insist on HTTPS; production only.",
        default="31536000",
        kind="int",
    ),
    Setting(
        "DEMO",
        "Load the illustrative portfolio on the first start and mark every page. Empty: on when embedded.",
        kind="bool",
        production="off",
    ),
    Setting(
        "DEMO_PASSWORD",
        "The password of every illustrative person; shown on the sign-in page while DEMO is on.",
        default="show-me-the-evidence",
    ),
)
