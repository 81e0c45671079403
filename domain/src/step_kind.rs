//! The kinds of steps that a rollout is told in.

words! {
    /// The kind of a step: what the engine did or waits for, or what happened to the rollout as a whole.
    pub enum StepKind {
        /// One more replica is started.
        Start = "start",
        /// The process of a replica is started again.
        Restart = "restart",
        /// A running replica is counted to another revision.
        Relabel = "relabel",
        /// A running replica is given another `user_config`.
        Reconfigure = "reconfigure",
        /// A replica is taken off the route and finishes its requests.
        Drain = "drain",
        /// A replica is told to end.
        Stop = "stop",
        /// A replica that is gone is cleared away.
        Forget = "forget",
        /// Something has to happen first.
        Wait = "wait",
        /// The engine takes the rollout up.
        Begin = "begin",
        /// A person pauses the rollout.
        Pause = "pause",
        /// A person lets the rollout go on.
        Resume = "resume",
        /// A person cancels the rollout.
        Cancel = "cancel",
        /// The rollout fails.
        Fail = "fail",
        /// Every replica is where the rollout, or its way back, leads.
        Settle = "settle",
        /// A later rollout takes over.
        Supersede = "supersede",
    }
}
