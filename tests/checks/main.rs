//! Tries candidates in scratch replicas: over a fake target with time that stands still, and with real processes.

mod real;
mod registered;
mod scene;
mod simulated;
