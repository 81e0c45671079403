//! What the disk holds, and what becomes of it.
