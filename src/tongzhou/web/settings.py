"""Django's settings, all from the environment (see env.py and docs/operating.md)."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from . import env

HERE = Path(__file__).resolve().parent
MODE = env.mode()
DEBUG = False
PRODUCTION = MODE == "production"
SECRET_KEY = env.secret(MODE)
ALLOWED_HOSTS = env.words("TONGZHOU_HOSTS")
DATABASES = {"default": env.database(env.text("DATABASE_URL"))}
DATA_DIR = Path(env.text("TONGZHOU_DATA_DIR"))
BASE_URL = env.text("TONGZHOU_BASE_URL")
EMERGENCY_NUMBER = env.text("TONGZHOU_EMERGENCY_NUMBER")
HOTLINE = env.text("TONGZHOU_HOTLINE")
DRUG_AUTHORITY = env.text("TONGZHOU_DRUG_AUTHORITY")
DEMO_NOW = env.text("TONGZHOU_DEMO_NOW")
METRICS_TOKEN = env.text("TONGZHOU_METRICS_TOKEN")
ROUTE_WORKERS = env.count("TONGZHOU_ROUTE_WORKERS", 256)
DASK_SCHEDULER = env.text("TONGZHOU_DASK_SCHEDULER")
MATRIX_URL = env.text("TONGZHOU_MATRIX_URL")
FINDER_FRESH_HOURS = env.count("TONGZHOU_FINDER_FRESH_HOURS", 720)
FINDER_SPEED_KMH = env.count("TONGZHOU_FINDER_SPEED_KMH", 120)
FINDER_DETOUR_PERCENT = env.count("TONGZHOU_FINDER_DETOUR_PERCENT", 500)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "tongzhou.kit",
    "tongzhou.places",
    "tongzhou.people",
    "tongzhou.learning",
    "tongzhou.finder",
    "tongzhou.supplies",
    "tongzhou.campaigns",
    "tongzhou.plans",
    "tongzhou.delivery",
    "tongzhou.portal",
    "tongzhou.web",
]
MIDDLEWARE = [
    "tongzhou.web.middleware.request_log",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "tongzhou.web.middleware.StaticFiles",
    "tongzhou.web.policy.content_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "tongzhou.web.middleware.no_nul",
    "tongzhou.web.middleware.asked_language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "tongzhou.people.middleware.SecondFactorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "tongzhou.web.middleware.no_store",
]
ROOT_URLCONF = "tongzhou.web.urls"
ASGI_APPLICATION = "tongzhou.web.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tongzhou.web.context.page",
            ]
        },
    }
]
AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "tongzhou.people.backends.RoleBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# In this process. Limits count in it: with few entries a crowd would push out each other's counts.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = env.text("TONGZHOU_TIME_ZONE")
USE_I18N = True
FORMAT_MODULE_PATH = ["tongzhou.web.formats"]
LANGUAGE_CODE = env.text("TONGZHOU_LANGUAGE")
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [HERE / "locale"]

STATIC_URL = "/static/"
STATICFILES_DIRS = [HERE / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False

LOGGING_CONFIG = "tongzhou.web.logs.configure"
LOGGING = {"level": env.text("TONGZHOU_LOG_LEVEL"), "as_json": PRODUCTION}

# EMAIL_BACKEND and what it needs.
globals().update(env.email(env.text("TONGZHOU_EMAIL_URL")))
DEFAULT_FROM_EMAIL = env.text("TONGZHOU_EMAIL_FROM")

X_FRAME_OPTIONS = "DENY"
# On this machine a browser keeps secure cookies without https; from elsewhere it has to be there.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_HSTS_SECONDS = 365 * 86400 if PRODUCTION and BASE_URL.startswith("https://") else 0
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL.startswith("https://") else []
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20

ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
LOGIN_REDIRECT_URL = "/desk/"
LOGIN_URL = "/accounts/login/"
# The demo and the tests offer the second factor but do not force it: their sign-ins are published.
SECOND_FACTOR_REQUIRED = MODE == "production"
ACCOUNT_ADAPTER = "tongzhou.people.adapters.SignIn"
# A session lasts SESSION_COOKIE_AGE for everybody; there is nothing to tick at the sign-in.
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
# A letter to an address without an account would let strangers make us write to anybody.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# Axes keeps the lasting lock; these slow down guessing over many addresses or many accounts.
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,20/5m/key"}
MFA_ADAPTER = "tongzhou.people.adapters.SecondFactor"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Tongzhou"
# One step of 30 s either way, for telephones whose clock is a little off.
MFA_TOTP_TOLERANCE = 1
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 1
AXES_RESET_ON_SUCCESS = True
# By account and address together: a whole office behind one address is not locked by one of them.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_USERNAME_CALLABLE = "tongzhou.people.adapters.lock_name"
AXES_SENSITIVE_PARAMETERS = ["login", "password", "username", "ip_address"]
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
