//! Reminders at their times.
