//! The reason of an error that others have wrapped: the innermost one, which is the one that says something.

use std::io;

/// The reason of `error`.
pub(crate) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    // The reason of a handshake that failed lies in an error of input and output, which does not name it as its source.
    let tls = |error: &&(dyn std::error::Error + 'static)| {
        error.downcast_ref::<io::Error>().and_then(io::Error::get_ref).is_some_and(|inner| inner.is::<rustls::Error>())
    };
    let causes: Vec<_> = causes.collect();
    let said = causes.iter().find(|error| tls(error)).or(causes.last());
    said.map_or_else(String::new, ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outside")]
    struct Outside(#[source] io::Error);

    #[test]
    fn the_reason_is_inside_and_that_of_a_handshake_is_named() {
        assert_eq!(innermost(&Outside(io::Error::other("inside"))), "inside");
        let untrusted = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        assert!(innermost(&Outside(io::Error::other(untrusted))).contains("UnknownIssuer"));
        assert_eq!(innermost(&io::Error::other("alone")), "alone");
    }
}
