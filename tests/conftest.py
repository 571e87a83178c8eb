"""What every test has: quiet logs, so that a failure stands out."""

import logging

import structlog

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
