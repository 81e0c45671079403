//! The reasons why a body is cut short.

/// The reasons why a body is cut short.
#[derive(Debug, thiserror::Error)]
pub(super) enum Cut {
    #[error("the request's body is longer than allowed")]
    TooLarge,
    #[error("the client stopped in the middle of the request's body: {0}")]
    Client(hyper::Error),
    #[error("the client sent its body too slowly")]
    TooSlow,
    #[error("the replica broke off its answer")]
    Replica,
    #[error("the replica's answer stood still for too long")]
    Stalled,
}
