//! Roles, policies, change requests, freezes and break-glass, as two or three people meet them.

mod freezes;
mod people;
mod requests;
mod roles;
