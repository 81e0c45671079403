//! The rules of signing in: what passwords, names and tokens must be like, how long doors stay open, and how often
//! somebody may try.

mod administrators;
mod attempts;
mod contact;
mod lifetime;
mod password;
mod token;

pub use administrators::keeps_an_administrator;
pub use attempts::{Counted, Failures};
pub use contact::{InvalidContact, account, email, name};
pub use lifetime::{
    ADMIN_LINK_MINUTES, DEFAULT_TOKEN_DAYS, ERRAND_MINUTES, INVITATION_HOURS, LONGEST_TOKEN_DAYS, MOST_SESSIONS,
    MOST_TOKENS, PROVIDER_HOURS, SEEN_SECONDS, SessionSpan,
};
pub use password::{InvalidPassword, check_password};
pub use token::{Misspelt, TOKEN_PREFIX, check_token, write_token};
