"""Settings (设置): read from the environment, safe without any. Documented in docs/reference/settings.md."""

import os
import secrets
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

HOME = Path(os.environ.get("CHENGXIN_HOME", "./var")).resolve()
"""CHENGXIN_HOME: where all state of the embedded installation lies."""


def _secret() -> str:
    """DJANGO_SECRET_KEY, or a key made once and kept in the home folder, readable by the owner only."""
    if given := os.environ.get("DJANGO_SECRET_KEY"):
        return given
    path = HOME / "keys" / "secret"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(50))
        except FileExistsError:
            pass  # another process was first
    return path.read_text()


def _database() -> dict[str, object]:
    """DATABASE_URL (postgresql://user:password@host:port/name), else SQLite in the home folder."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(HOME / "chengxin.sqlite3"),
            "CONN_MAX_AGE": 60,  # opening the file anew for each request costs more than answering it
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 120,
                # page_size takes effect on a new file only; 16 KiB pages make wide items a third cheaper to append
                "init_command": "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                "PRAGMA mmap_size=268435456; PRAGMA cache_size=-65536; PRAGMA secure_delete=ON;",
            },
            "TEST": {"NAME": str(HOME / "test.sqlite3")},
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError(f"DATABASE_URL must begin with postgresql://, not {parts.scheme}://")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
    }


SECRET_KEY = _secret()
DEBUG = os.environ.get("CHENGXIN_DEBUG", "") == "1"
ALLOWED_HOSTS = os.environ.get("CHENGXIN_HOSTS", "127.0.0.1,localhost").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("CHENGXIN_ORIGINS", "").split(",") if origin]
PROXY_HEADER = os.environ.get("CHENGXIN_PROXY_HEADER", "")
"""CHENGXIN_PROXY_HEADER: header in which a reverse proxy that ends TLS writes how people came, for example X-Forwarded-Proto;
only where the proxy always sets it, and never with what the client sent."""
SECURE_PROXY_SSL_HEADER = (f"HTTP_{PROXY_HEADER.upper().replace('-', '_')}", "https") if PROXY_HEADER else None
# where people come by https only, no cookie ever goes over http
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = bool(CSRF_TRUSTED_ORIGINS) and all(
    origin.startswith("https://") for origin in CSRF_TRUSTED_ORIGINS
)

DATABASES = {"default": _database()}
CATALOGUE_OVERLAYS = [Path(p) for p in os.environ.get("CHENGXIN_OVERLAYS", "").split(os.pathsep) if p]
"""CHENGXIN_OVERLAYS: regional catalogue folders, separated like PATH."""
OPERATOR_CODE = os.environ.get("CHENGXIN_OPERATOR", "")
"""CHENGXIN_OPERATOR: the credit centre's own code; source of registry imports when none is named."""
SITE_NAME = os.environ.get("CHENGXIN_SITE_NAME", "公共信用信息平台")
LOG_ORIGIN = os.environ.get("CHENGXIN_LOG_ORIGIN", "chengxin.local/log")
"""CHENGXIN_LOG_ORIGIN: name of the transparency log and of its key; never changes once the log has an entry."""
TILES = os.environ.get("CHENGXIN_TILES", "")
"""CHENGXIN_TILES: where the log's full tiles lie: a folder, or s3://bucket/prefix; HOME/tile when empty."""
LOG_SM2 = os.environ.get("CHENGXIN_LOG_SM2", "") == "1"
"""CHENGXIN_LOG_SM2: checkpoints carry an SM2 signature (商用密码) beside the Ed25519 one."""
KEY_SECRET = os.environ.get("CHENGXIN_KEY_SECRET", "")
"""CHENGXIN_KEY_SECRET: what the signing keys are sealed under."""
KEY_FILE = os.environ.get("CHENGXIN_KEY_FILE", "")
"""CHENGXIN_KEY_FILE: a file that holds it instead, outside the home folder."""
LOG_POLICY = os.environ.get("CHENGXIN_LOG_POLICY", "")
"""CHENGXIN_LOG_POLICY: file naming the witnesses of our log and how many are enough (C2SP tlog-policy)."""
LOG_BELOW_QUORUM = os.environ.get("CHENGXIN_LOG_BELOW_QUORUM", "publish")
"""CHENGXIN_LOG_BELOW_QUORUM: publish a checkpoint with too few witnesses, marked as such, or hold it back."""
if LOG_BELOW_QUORUM not in {"publish", "hold"}:
    raise ValueError(f"CHENGXIN_LOG_BELOW_QUORUM is publish or hold, not {LOG_BELOW_QUORUM}")
WITNESS_LOGS = os.environ.get("CHENGXIN_WITNESS_LOGS", "")
"""CHENGXIN_WITNESS_LOGS: policy file whose log lines are the logs we are a witness of; none when empty."""
WITNESS_NAME = os.environ.get("CHENGXIN_WITNESS_NAME", f"{LOG_ORIGIN}/witness")
"""CHENGXIN_WITNESS_NAME: name of our witness key, kept as long as the key."""
SOLE_TRADERS = os.environ.get("CHENGXIN_SOLE_TRADERS", "1") == "1"
"""CHENGXIN_SOLE_TRADERS: whether records about 个体工商户 are taken; on by default as business operators."""
UPLOAD_DAYS = int(os.environ.get("CHENGXIN_UPLOAD_DAYS", "7"))
"""CHENGXIN_UPLOAD_DAYS: how long an uploaded file is kept, encrypted, before it is deleted."""
SCANNER = os.environ.get("CHENGXIN_SCANNER", "")
"""CHENGXIN_SCANNER: what looks at attachments: empty for none, clamd:/path/to/socket or clamd:HOST:PORT."""
SUSPEND_ON_SILENCE = os.environ.get("CHENGXIN_SUSPEND_ON_SILENCE", "1") == "1"
"""CHENGXIN_SUSPEND_ON_SILENCE: whether publication is suspended when a source stays silent on an objection."""
IDENTITY_ISSUER = os.environ.get("CHENGXIN_IDENTITY_ISSUER", "")
"""CHENGXIN_IDENTITY_ISSUER: OpenID Connect issuer people of organisations may sign in with; none when empty."""
IDENTITY_CLIENT = os.environ.get("CHENGXIN_IDENTITY_CLIENT", "")
"""CHENGXIN_IDENTITY_CLIENT: our client id at that issuer."""
IDENTITY_SECRET = os.environ.get("CHENGXIN_IDENTITY_SECRET", "")
"""CHENGXIN_IDENTITY_SECRET: our client secret there."""
IDENTITY_CLAIM = os.environ.get("CHENGXIN_IDENTITY_CLAIM", "organisation_code")
"""CHENGXIN_IDENTITY_CLAIM: the claim that names the organisations a person acts for: one code or a list of them."""

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "chengxin.storage",
    "chengxin.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "chengxin.web.api.direct.DirectApi",
    "chengxin.web.middleware.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "chengxin.web.middleware.FormText",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "chengxin.web.context.site",
            ]
        },
    }
]
ROOT_URLCONF = "chengxin.web.urls"
WSGI_APPLICATION = "chengxin.web.wsgi.application"
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).parent / "locale", Path(__file__).parent / "desk" / "locale"]
USE_I18N = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "desk:sign-in"
LOGIN_REDIRECT_URL = "desk:queue"
LOGOUT_REDIRECT_URL = "desk:sign-in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "chengxin.operations.passwords.Length", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=30)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "chengxin.web.desk.sign_in.locked_out"
AXES_SENSITIVE_PARAMETERS = ["password"]
FILE_UPLOAD_HANDLERS = ["chengxin.web.desk.upload_handler.EncryptingUploadHandler"]
UPLOAD_MAX_BYTES = int(os.environ.get("CHENGXIN_UPLOAD_MAX_BYTES", str(4 << 30)))
"""CHENGXIN_UPLOAD_MAX_BYTES: largest file the desk and the API take."""
API_REQUESTS = int(os.environ.get("CHENGXIN_API_REQUESTS", "600"))
"""CHENGXIN_API_REQUESTS: how many API requests a client may make per window."""
API_SECONDS = int(os.environ.get("CHENGXIN_API_SECONDS", "60"))
"""CHENGXIN_API_SECONDS: length of that window in seconds."""
PROXIES = int(os.environ.get("CHENGXIN_PROXIES", "0"))
"""CHENGXIN_PROXIES: trusted reverse proxies in front; the client's address is that many places from the right."""
CONTACT = os.environ.get("CHENGXIN_CONTACT", "")
"""CHENGXIN_CONTACT: shown in the footer and on error pages, for example the credit centre's telephone number."""
SITE_URL = os.environ.get("CHENGXIN_URL", "http://127.0.0.1:8000").rstrip("/")
"""CHENGXIN_URL: address under which the site is reached, for links in mails."""
ACKNOWLEDGE_HOURS = int(os.environ.get("CHENGXIN_ACKNOWLEDGE_HOURS", "24"))
"""CHENGXIN_ACKNOWLEDGE_HOURS: hours after which a notification that its recipient has not confirmed is overdue."""
MAIL_LINK_DAYS = int(os.environ.get("CHENGXIN_MAIL_LINK_DAYS", "30"))
"""CHENGXIN_MAIL_LINK_DAYS: days for which the link in a mail to a recipient confirms what the mail told."""
FEED_ENTRIES = int(os.environ.get("CHENGXIN_FEED_ENTRIES", "5000000"))
"""CHENGXIN_FEED_ENTRIES: how many entries back the feed of changes may begin; who is further behind takes the snapshot."""
WEBHOOKS_INSIDE = os.environ.get("CHENGXIN_WEBHOOKS_INSIDE", "") == "1"
"""CHENGXIN_WEBHOOKS_INSIDE: whether webhooks may be sent to private addresses, as inside a government network."""
EMAIL_HOST = os.environ.get("CHENGXIN_SMTP_HOST", "localhost")
"""CHENGXIN_SMTP_HOST: server that mails to recipients go out through."""
EMAIL_TIMEOUT = 5
DEFAULT_FROM_EMAIL = os.environ.get("CHENGXIN_MAIL_FROM", "noreply@localhost")
"""CHENGXIN_MAIL_FROM: sender of those mails."""
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "chengxin.web.assets.Assets"},
}
