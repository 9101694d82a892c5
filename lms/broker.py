"""Pure: the Celery settings with which a broker carries hints and can lose nothing."""


def celery_settings(broker_url: str) -> dict:
    """Return ``CELERY_…`` settings for *broker_url*, none where it is empty.

    Acknowledge late, prefetch one, keep no result, accept JSON only, give up on a dead broker
    within two seconds: the job's row is the truth and the sweep sends its hint again.
    """
    if not broker_url:
        return {}
    options: dict = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
    if broker_url.startswith(("redis", "rediss")):
        options |= {
            "socket_timeout": 2,
            "socket_connect_timeout": 2,
            "visibility_timeout": 3600,
        }
    settings = {
        "CELERY_BROKER_URL": broker_url,
        "CELERY_BROKER_TRANSPORT_OPTIONS": options,
        "CELERY_BROKER_CONNECTION_TIMEOUT": 2,
        "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
        "CELERY_TASK_PUBLISH_RETRY": False,
        "CELERY_TASK_ACKS_LATE": True,
        "CELERY_TASK_REJECT_ON_WORKER_LOST": True,
        "CELERY_TASK_IGNORE_RESULT": True,
        "CELERY_RESULT_BACKEND": None,
        "CELERY_ACCEPT_CONTENT": ["json"],
        "CELERY_TASK_SERIALIZER": "json",
        "CELERY_WORKER_PREFETCH_MULTIPLIER": 1,
        "CELERY_TASK_DEFAULT_QUEUE": "default",
        "CELERY_BEAT_SCHEDULE": {"lms.sweep": {"task": "lms.sweep", "schedule": 15.0}},
    }
    if broker_url.startswith(("amqp", "pyamqp")):
        settings["CELERY_TASK_DEFAULT_QUEUE_TYPE"] = "quorum"
        settings["CELERY_TASK_CREATE_MISSING_QUEUE_TYPE"] = "quorum"
    return settings
