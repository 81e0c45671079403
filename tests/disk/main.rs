//! What lies on the disk: nothing is deleted because something is missing, a store that cannot be written stops no
//! request, backups, and who may read what. Real servers, real files.

mod backups;
mod lost;
mod private;
mod unwritten;
