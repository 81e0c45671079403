//! Turns: of two that look at one deployment, one waits for the other.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::id::DeploymentId;

/// Deployments take turns, each with itself; some share theirs.
pub(super) struct Turns([Mutex<()>; 64]);

impl Default for Turns {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }
}

impl Turns {
    /// Waits for the deployment's turn, which ends with what is answered.
    pub(super) fn of(&self, id: &DeploymentId) -> MutexGuard<'_, ()> {
        let mut hash = DefaultHasher::new();
        id.hash(&mut hash);
        let place = hash.finish() as usize % self.0.len();
        self.0[place].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
