//! The way of a change past policies and freezes, as options: its time, its approvals, or break-glass.

use clap::Args;
use domain::id::{FreezeId, InvalidId, PolicyId};
use domain::wire::{Apply, ApplyAt, ApplyWhen, BreakGlass, ErrorCode, MatchPolicies, Matched, Problem};
use serde_json::Value;

use super::context::Context;
use super::error::CliError;
use super::text::printable;

/// The time of a change, and its approvals.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Time and approvals")]
pub(super) struct Timing {
    /// Begin then, as 2026-12-06T22:00:00Z
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The zone of local times, as Europe/Berlin
    #[arg(long, value_name = "ZONE", requires = "at")]
    zone: Option<String>,
    /// Begin by then or not at all [default: an hour later]
    #[arg(long, value_name = "TIME", requires = "at")]
    not_after: Option<String>,
    /// Ask for it: begin once it is approved and not frozen
    #[arg(long, conflicts_with = "at")]
    when_approved: bool,
    /// Ask for it: begin by `changeover apply`
    #[arg(long, conflicts_with_all = ["at", "when_approved"])]
    by_hand: bool,
}

/// The same, and what it overrides.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Time and approvals")]
pub(super) struct Gate {
    #[command(flatten)]
    timing: Timing,
    /// Begin although policies or freezes forbid it
    #[arg(long, value_name = "REASON", conflicts_with_all = ["at", "when_approved", "by_hand"])]
    break_glass: Option<String>,
    /// A policy or freeze that is overridden; repeatable
    #[arg(long, value_name = "ID", requires = "break_glass")]
    overriding: Vec<String>,
}

impl Timing {
    /// The time of the change.
    pub(super) fn apply(&self) -> Apply {
        match &self.at {
            Some(at) => {
                Apply::At(ApplyAt { at: at.clone(), zone: self.zone.clone(), not_after: self.not_after.clone() })
            }
            None if self.when_approved => Apply::When(ApplyWhen::WhenApproved),
            None if self.by_hand => Apply::When(ApplyWhen::ByHand),
            None => Apply::When(ApplyWhen::Now),
        }
    }
}

impl Gate {
    /// The time of the change.
    pub(super) fn apply(&self) -> Apply {
        self.timing.apply()
    }

    /// The policies and freezes that are overridden, told apart by the server, which knows those that hold this change.
    ///
    /// # Errors
    /// None is named; those of the server.
    pub(super) async fn break_glass(
        &self,
        context: &Context,
        change: &MatchPolicies,
    ) -> Result<Option<BreakGlass>, CliError> {
        let Some(reason) = &self.break_glass else { return Ok(None) };
        let matched: Matched = context.client.post(&["policies", "match"], change).await?.read()?;
        if self.overriding.is_empty() {
            let needs = matched.needs.iter().map(|policy| named("policy", policy.id.as_str(), &policy.name));
            let holding = matched.freezes.iter().map(|freeze| named("freeze", freeze.id.as_str(), &freeze.name));
            return Err(CliError::Usage(match &needs.chain(holding).collect::<Vec<_>>()[..] {
                [] => "no policy and no freeze forbids this, so leave --break-glass out".to_owned(),
                each => format!("--break-glass names what it overrides, each with --overriding: {}", each.join(", ")),
            }));
        }
        let mut broken = BreakGlass { reason: reason.clone(), ..BreakGlass::default() };
        for id in &self.overriding {
            let wrong = |error: InvalidId| CliError::Usage(format!("--overriding: {error}"));
            if matched.freezes.iter().any(|freeze| freeze.id.as_str() == id) {
                broken.freezes.push(id.parse::<FreezeId>().map_err(wrong)?);
            } else {
                // The server says so where it is none.
                broken.policies.push(id.parse::<PolicyId>().map_err(wrong)?);
            }
        }
        Ok(Some(broken))
    }

    /// The same error, with the option that asks for what was refused.
    pub(super) fn way_on(&self, error: CliError) -> CliError {
        let CliError::Refused { problem, body, .. } = error else { return error };
        let way_on = match problem.code {
            ErrorCode::ApprovalRequired | ErrorCode::Frozen if self.break_glass.is_some() => {
                let left = [held(&problem, "policies", "policy"), held(&problem, "freezes", "freeze")].concat();
                Some(format!("--break-glass names each of these with --overriding ID: {}.", left.join(", ")))
            }
            ErrorCode::ApprovalRequired => {
                Some("Ask for it with --when-approved, with --at TIME, or with --by-hand.".to_owned())
            }
            ErrorCode::Frozen => {
                Some("Ask for it with --when-approved, and it begins by itself when the freeze ends.".to_owned())
            }
            _ => None,
        };
        CliError::Refused { problem, body, way_on }
    }
}

/// The policies or freezes that a refusal names.
fn held(problem: &Problem, field: &str, kind: &str) -> Vec<String> {
    let text = |one: &Value, field: &str| one.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let all = problem.more.get(field).and_then(Value::as_array).into_iter().flatten();
    all.map(|one| named(kind, &text(one, "id"), &text(one, "name"))).collect()
}

fn named(kind: &str, id: &str, name: &str) -> String {
    format!("{id} (the {kind} {})", printable(name))
}
