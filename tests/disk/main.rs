//! The files on the disk: nothing is deleted because something is missing, a store that cannot be written stops no
//! request, backups, and the rights to read. Real servers, real files.

mod backups;
mod lost;
mod private;
mod unwritten;
