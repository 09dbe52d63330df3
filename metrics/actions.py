from alignment_portal.actions import ActionWords


class Actions(ActionWords):
    OBSERVATIONS_RECORDED = (
        "metrics.observations.recorded",
        "observations recorded",
        "{actor} recorded {count} readings of {initiative}",
    )
    RESULT_RECORDED = (
        "metrics.result.recorded",
        "result recorded",
        "{actor} recorded a result for {subject} of {initiative}",
    )
    RESULT_JUDGED_AGAIN = (
        "metrics.result.judged_again",
        "result judged again",
        "the result for {subject} of {initiative} was judged again when {actor} recorded one for {because}",
    )
    SIGNAL_ACKNOWLEDGED = (
        "metrics.signal.acknowledged",
        "signal acknowledged",
        "{actor} wrote down the cause of a signal on {subject} of {initiative}",
    )
