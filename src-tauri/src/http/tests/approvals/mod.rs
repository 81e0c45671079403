//! Roles, policies, change requests, freezes and break-glass, as two or three people meet them.

mod asking;
mod breaking;
mod freezes;
mod groups;
mod many;
mod notices;
pub(super) mod people;
mod requests;
mod roles;
mod sight;
mod times;
mod use_cases;
