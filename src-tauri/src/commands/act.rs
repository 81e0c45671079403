//! The context of every command: the rows and machines at one moment, or a transaction on behalf of a caller.

use domain::access::{Denied, Needs, Rights, RightsOn, Role, ServerAction};
use domain::action::{Action, Standing};
use domain::caller::{Caller, Through};
use domain::id::{Generation, RolloutNumber, TargetName};
use domain::ledger::Deployment;
use domain::principal::{PrincipalId, ServerRole};
use domain::resources::Machine;
use domain::target::Traits;
use domain::wire::ErrorCode;
use jiff::Timestamp;

use super::Refusal;
use crate::store::{Reading, Writing};

/// The targets that replicas run on, as far as commands depend on them.
pub trait Machines: Send + Sync {
    /// The room that `target` has for replicas, and the limits that it enforces. Answered from memory.
    fn machine(&self, target: &TargetName) -> Machine;

    /// The abilities of `target`. Answered from memory.
    fn traits(&self, target: &TargetName) -> Traits;

    /// The targets that are configured.
    fn targets(&self) -> Vec<TargetName>;
}

/// One machine, with the target that deployments have by default.
impl Machines for Machine {
    fn machine(&self, _: &TargetName) -> Machine {
        *self
    }

    fn traits(&self, _: &TargetName) -> Traits {
        Traits::LOCAL
    }

    fn targets(&self) -> Vec<TargetName> {
        vec![TargetName::default()]
    }
}

/// The rows at one moment as a caller may see them, and the machines.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// The rows.
    pub reading: Reading<'a>,
    /// On whose behalf they are read.
    pub caller: &'a Caller,
    /// The machines of all targets.
    pub machines: &'a dyn Machines,
}

/// A transaction on behalf of a caller: what every command that changes something is given.
pub struct Act<'a, 'tx> {
    pub(super) writing: &'a mut Writing<'tx>,
    caller: &'a Caller,
    machines: &'a dyn Machines,
}

/// The states of a deployment that a request was made for; by default any (VX-10).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected(Option<Vec<Generation>>);

impl Moment<'_> {
    /// The caller's rights.
    ///
    /// # Errors
    /// Those of the store.
    pub fn rights(&self) -> Result<Rights, Refusal> {
        let id = PrincipalId::of(&self.caller.actor);
        let (member, groups) = (self.reading.member(&id)?, self.reading.groups_of(&id)?);
        Ok(Rights::of(self.caller.clone(), member.as_ref(), groups, self.reading.is_alone()?))
    }

    /// The caller's rights on a deployment.
    ///
    /// # Errors
    /// Those of the store.
    pub fn rights_on<'a>(&self, rights: &'a Rights, row: &'a Deployment) -> Result<RightsOn<'a>, Refusal> {
        let on = rights.on(&row.id, &row.access, false);
        if on.role >= Some(Role::User) || !self.reviews(rights, &row.id)? {
            return Ok(on);
        }
        Ok(rights.on(&row.id, &row.access, true))
    }

    /// The caller's rights on a deployment for `action`: whoever only reviews reads, and does nothing else.
    ///
    /// # Errors
    /// Those of the store.
    pub fn rights_for<'a>(
        &self,
        rights: &'a Rights,
        row: &'a Deployment,
        action: Action,
    ) -> Result<RightsOn<'a>, Refusal> {
        let granted = rights.on(&row.id, &row.access, false);
        let seen = self.rights_on(rights, row)?;
        let only_reads = action.needs().server == ServerRole::Viewer;
        // Who sees it only as a reviewer is told that a role is missing, and not that there is nothing.
        let least = granted.role.or(seen.role.map(|_| Role::Consumer));
        Ok(if only_reads { seen } else { RightsOn { role: least, ..granted } })
    }

    /// Allows the caller `action` on the server, or refuses it.
    ///
    /// # Errors
    /// `role_forbids`, `token_scope`, `reauthentication_needed`; those of the store.
    pub fn allow(&self, action: ServerAction, now: Timestamp) -> Result<Rights, Refusal> {
        let rights = self.rights()?;
        rights.allow(action, now).map_err(|denied| Refusal::denied(&denied))?;
        Ok(rights)
    }

    /// The machine of a deployment's target.
    pub fn machine(&self, row: &Deployment) -> Machine {
        self.machines.machine(&row.target)
    }

    /// The abilities of a deployment's target.
    pub fn traits(&self, row: &Deployment) -> Traits {
        self.machines.traits(&row.target)
    }

    /// The deployment that a request names, by name or id, as whoever may read all of it.
    ///
    /// # Errors
    /// `not_found`, also for one that the caller may not see; `role_forbids`, `token_scope`; those of the store.
    pub fn find(&self, name_or_id: &str) -> Result<Deployment, Refusal> {
        self.find_for(name_or_id, Action::Open.needs())
    }

    /// The deployment that a request names, by name or id, for something that needs no more than `needs`.
    ///
    /// # Errors
    /// As [`Moment::find`].
    pub fn find_for(&self, name_or_id: &str, needs: Needs) -> Result<Deployment, Refusal> {
        let no_such = || {
            let given: String = name_or_id.chars().take(80).collect();
            Refusal::new(
                ErrorCode::NotFound,
                format!("There is no deployment \"{given}\". GET /api/v1/deployments lists those there are."),
            )
        };
        let row = self.reading.deployment_called(name_or_id)?.ok_or_else(no_such)?;
        let rights = self.rights()?;
        match self.rights_on(&rights, &row)?.allow(needs) {
            Ok(()) => Ok(row),
            Err(Denied::Unseen) => Err(no_such()),
            Err(denied) => Err(Refusal::denied(&denied)),
        }
    }

    /// A deployment with what is in progress on it.
    ///
    /// # Errors
    /// Those of the store.
    pub fn standing<'row>(&self, row: &'row Deployment) -> Result<Standing<'row>, Refusal> {
        let rollout = row.rollout.map(|number| self.reading.rollout(&row.id, number)).transpose()?.flatten();
        Ok(Standing::of(row, rollout.as_ref()))
    }
}

impl<'a, 'tx> Act<'a, 'tx> {
    /// A transaction on behalf of `caller`.
    pub fn new(writing: &'a mut Writing<'tx>, caller: &'a Caller, machines: &'a dyn Machines) -> Self {
        Self { writing, caller, machines }
    }

    /// The deployment that a request names, in a state that the request was made for.
    ///
    /// # Errors
    /// `not_found`, `role_forbids`, `token_scope`, `precondition_failed`; those of the store.
    pub fn on(&self, name_or_id: &str, expected: &Expected) -> Result<Deployment, Refusal> {
        let row = self.moment().find(name_or_id)?;
        expected.check(&row)?;
        Ok(row)
    }

    /// Refuses what the caller may not do with a deployment now.
    pub(super) fn allow(&self, row: &Deployment, action: Action) -> Result<(), Refusal> {
        let moment = self.moment();
        self.allowed(&moment.standing(row)?, row, action)
    }

    /// Refuses what the caller's rights on a deployment do not allow, whatever its state.
    ///
    /// # Errors
    /// `not_found`, `role_forbids`, `token_scope`; those of the store.
    pub fn permit(&self, row: &Deployment, action: Action) -> Result<(), Refusal> {
        let (moment, rights) = (self.moment(), self.moment().rights()?);
        let allowed = moment.rights_for(&rights, row, action)?.allow(action.needs());
        allowed.map_err(|denied| Refusal::denied(&denied))
    }

    fn allowed(&self, standing: &Standing<'_>, row: &Deployment, action: Action) -> Result<(), Refusal> {
        let (moment, rights) = (self.moment(), self.moment().rights()?);
        let rights = moment.rights_for(&rights, row, action)?;
        standing.allows(action, &rights).map_err(|why| Refusal::because(&why, row))
    }

    /// Allows the caller `action` on the server, or refuses it.
    ///
    /// # Errors
    /// As [`Moment::allow`].
    pub(super) fn allow_on_server(&self, action: ServerAction) -> Result<Rights, Refusal> {
        self.moment().allow(action, self.writing.now())
    }

    /// The same for what goes on top of the rollout in progress, if one is named; another one than that is refused
    /// (VX-6).
    pub(super) fn allow_on_top_of(
        &self,
        rollout: Option<RolloutNumber>,
        row: &Deployment,
        action: Action,
    ) -> Result<(), Refusal> {
        let moment = self.moment();
        let standing = moment.standing(row)?;
        let standing = match rollout {
            Some(number) => standing.on_top_of(number).map_err(|why| Refusal::because(&why, row))?,
            None => standing,
        };
        self.allowed(&standing, row, action)
    }

    /// Does `work` on behalf of somebody who asked for it before, by the rights that they have now.
    pub(super) fn for_author<T>(&mut self, author: &PrincipalId, work: impl FnOnce(&mut Act<'_, 'tx>) -> T) -> T {
        let caller = Caller { actor: author.actor(), through: Through::Schedule };
        let before = self.writing.act_for(caller.actor.clone());
        let done = work(&mut Act { writing: self.writing, caller: &caller, machines: self.machines });
        self.writing.act_for(before);
        done
    }

    /// Does `work`, and takes back what it has entered when it is refused: whoever goes on after the refusal finds nothing
    /// of it.
    pub(super) fn attempt<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let attempt = self.writing.begin_attempt()?;
        let done = work(self);
        self.writing.end_attempt(&attempt, done.is_ok())?;
        done
    }

    /// The rows as this transaction sees them, and the machines.
    pub fn moment(&self) -> Moment<'_> {
        Moment { reading: self.reading(), caller: self.caller, machines: self.machines }
    }

    /// The rows as this transaction sees them.
    pub fn reading(&self) -> Reading<'_> {
        self.writing.reading()
    }

    /// The caller on whose behalf it is.
    pub fn caller(&self) -> &Caller {
        self.caller
    }
}

impl Expected {
    /// One of these states. None of them at all is a state that no deployment ever had.
    pub fn one_of(generations: Vec<Generation>) -> Self {
        Self(Some(generations))
    }

    fn check(&self, row: &Deployment) -> Result<(), Refusal> {
        let Some(given) = &self.0 else { return Ok(()) };
        if given.contains(&row.generation) {
            return Ok(());
        }
        let made_for = match given.first() {
            Some(first) => first.to_string(),
            None => "none that it ever had".to_owned(),
        };
        Err(Refusal::new(
            ErrorCode::PreconditionFailed,
            format!(
                "{} is at generation {}, the request was made for {made_for}: somebody changed it in between. Read it again and decide anew.",
                row.name, row.generation
            ),
        ))
    }
}
