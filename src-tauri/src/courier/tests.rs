//! The courier with a mail server and receivers that a test controls.
