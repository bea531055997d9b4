"""The one logger of a function: a JSON object per line, with the request's correlation id.

Behind the API, that is the request which asked for the upload that is worked on: `student_helper.items` finds it.
Its level and the service's name come from `POWERTOOLS_LOG_LEVEL` and `POWERTOOLS_SERVICE_NAME`. Log ids and counts;
never an event, a request's body, a parameter's value or a presigned URL.
"""

from aws_lambda_powertools import Logger

# The traceback is in `exception` already. Lambda knows a line's level only where its time is of RFC 3339, and takes
# others for INFO: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
logger = Logger(utc=True, use_rfc3339=True, serialize_stacktrace=False)
