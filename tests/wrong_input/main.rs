//! Whatever is given to it wrongly: a clear sentence, an exit status, and nothing half done.

mod full_disk;
mod inference;
mod models;
mod requests;
mod starting;
mod state;
mod words;
