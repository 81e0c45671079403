//! What is shown of each thing, put together from rows and from what is only known while the program runs.

mod check;
mod configuration;
mod deployment;
mod entry;
mod model;
mod newer;
mod revision;
mod rollout;

pub(super) use check::check;
pub(super) use configuration::{ConfigurationUse, configuration};
pub(super) use deployment::{Include, configuration_of, deployment};
pub(super) use entry::{entry, written};
pub(super) use model::{Users, model, version};
pub(super) use revision::revision;
pub(super) use rollout::rollout;
