//! The closed list of codes by which a request is refused.

words! {
    /// The reason for which a request was refused, in one word of a closed list.
    #[allow(missing_docs)] // The words say it; `ErrorCode::title` writes them out.
    pub enum ErrorCode {
        Unauthenticated = "unauthenticated",
        ReauthenticationNeeded = "reauthentication_needed",
        TooManyAttempts = "too_many_attempts",
        NotLetIn = "not_let_in",
        IdentityTaken = "identity_taken",
        RoleForbids = "role_forbids",
        TokenScope = "token_scope",
        OwnRequest = "own_request",
        NotAReviewer = "not_a_reviewer",
        RoleAboveOwn = "role_above_own",
        ForeignHost = "foreign_host",
        ForeignOrigin = "foreign_origin",
        NotFound = "not_found",
        MethodNotAllowed = "method_not_allowed",
        MalformedRequest = "malformed_request",
        UnknownField = "unknown_field",
        InvalidField = "invalid_field",
        BodyTooLarge = "body_too_large",
        UnsupportedMediaType = "unsupported_media_type",
        NameTaken = "name_taken",
        ConfigurationInUse = "configuration_in_use",
        NothingToChange = "nothing_to_change",
        StatusForbidsUpdate = "status_forbids_update",
        OperationInProgress = "operation_in_progress",
        NoRollout = "no_rollout",
        RolloutForbids = "rollout_forbids",
        NoEarlierRevision = "no_earlier_revision",
        UndoesRollback = "undoes_rollback",
        ApprovalRequired = "approval_required",
        Frozen = "frozen",
        PlanChanged = "plan_changed",
        Stale = "stale",
        RequestClosed = "request_closed",
        AlreadyReviewed = "already_reviewed",
        ReviewersMissing = "reviewers_missing",
        UnknownOverride = "unknown_override",
        AmbiguousTime = "ambiguous_time",
        TimeInPast = "time_in_past",
        UnknownZone = "unknown_zone",
        WebhookTargetRefused = "webhook_target_refused",
        MailNotSetUp = "mail_not_set_up",
        LastOwner = "last_owner",
        LastAdmin = "last_admin",
        GroupInUse = "group_in_use",
        UseCaseInUse = "use_case_in_use",
        InvitationUsed = "invitation_used",
        RevisionQuarantined = "revision_quarantined",
        RevisionInUse = "revision_in_use",
        ModelInUse = "model_in_use",
        Incompatible = "incompatible",
        WarningsNotAccepted = "warnings_not_accepted",
        InsufficientCapacity = "insufficient_capacity",
        UnknownModel = "unknown_model",
        UnknownConfiguration = "unknown_configuration",
        PackageUnreadable = "package_unreadable",
        PackageTooLarge = "package_too_large",
        PreconditionFailed = "precondition_failed",
        IdempotencyKeyReused = "idempotency_key_reused",
        RunsElsewhere = "runs_elsewhere",
        NoAnswer = "no_answer",
        TooManyPredictions = "too_many_predictions",
        TooManyStreams = "too_many_streams",
        TooManyUploads = "too_many_uploads",
        TooManyConnections = "too_many_connections",
        RequestTimeout = "request_timeout",
        IdentityProviderUnavailable = "identity_provider_unavailable",
        StorageFull = "storage_full",
        StorageUnavailable = "storage_unavailable",
        Internal = "internal",
    }
}

impl ErrorCode {
    /// HTTP status that goes with it.
    pub fn status(self) -> u16 {
        match self {
            Self::MalformedRequest => 400,
            Self::Unauthenticated | Self::ReauthenticationNeeded => 401,
            Self::ForeignHost
            | Self::ForeignOrigin
            | Self::NotLetIn
            | Self::RoleForbids
            | Self::TokenScope
            | Self::OwnRequest
            | Self::NotAReviewer
            | Self::RoleAboveOwn => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::NameTaken
            | Self::IdentityTaken
            | Self::StatusForbidsUpdate
            | Self::OperationInProgress
            | Self::NoRollout
            | Self::RolloutForbids
            | Self::RevisionInUse
            | Self::ModelInUse
            | Self::ApprovalRequired
            | Self::Frozen
            | Self::PlanChanged
            | Self::Stale
            | Self::RequestClosed
            | Self::AlreadyReviewed
            | Self::LastOwner
            | Self::LastAdmin
            | Self::GroupInUse
            | Self::MailNotSetUp
            | Self::RunsElsewhere
            | Self::UseCaseInUse => 409,
            Self::InvitationUsed => 410,
            Self::TooManyAttempts => 429,
            Self::PreconditionFailed => 412,
            Self::BodyTooLarge | Self::PackageTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::UnknownField
            | Self::InvalidField
            | Self::ConfigurationInUse
            | Self::NothingToChange
            | Self::NoEarlierRevision
            | Self::UndoesRollback
            | Self::ReviewersMissing
            | Self::UnknownOverride
            | Self::AmbiguousTime
            | Self::TimeInPast
            | Self::UnknownZone
            | Self::WebhookTargetRefused
            | Self::RevisionQuarantined
            | Self::InsufficientCapacity
            | Self::Incompatible
            | Self::WarningsNotAccepted
            | Self::UnknownModel
            | Self::UnknownConfiguration
            | Self::PackageUnreadable
            | Self::IdempotencyKeyReused => 422,
            Self::Internal => 500,
            Self::IdentityProviderUnavailable => 502,
            Self::RequestTimeout => 408,
            Self::TooManyStreams
            | Self::TooManyPredictions
            | Self::TooManyUploads
            | Self::TooManyConnections
            | Self::StorageUnavailable => 503,
            Self::NoAnswer => 504,
            Self::StorageFull => 507,
        }
    }

    /// A few words for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Unauthenticated => "You are not signed in",
            Self::ReauthenticationNeeded => "Sign in again for this",
            Self::TooManyAttempts => "Too many attempts to sign in",
            Self::NotLetIn => "You may not sign in here",
            Self::IdentityTaken => "This account belongs to somebody already",
            Self::RoleForbids => "Your role does not allow this",
            Self::TokenScope => "The API token does not allow this",
            Self::OwnRequest => "Nobody approves their own request",
            Self::NotAReviewer => "No policy names you as a reviewer",
            Self::RoleAboveOwn => "Nobody gives a higher role than their own",
            Self::ForeignHost => "This host name is not served here",
            Self::ForeignOrigin => "Requests from other sites are refused",
            Self::NotFound => "This does not exist",
            Self::MethodNotAllowed => "This cannot be done here",
            Self::MalformedRequest => "The request cannot be read",
            Self::UnknownField => "The request has an unknown field",
            Self::InvalidField => "A field has a value that cannot be used",
            Self::BodyTooLarge => "The request is too large",
            Self::UnsupportedMediaType => "The body is of the wrong type",
            Self::NameTaken => "The name is taken",
            Self::ConfigurationInUse => "This configuration is in use",
            Self::NothingToChange => "The request changes nothing",
            Self::StatusForbidsUpdate => "The deployment's status does not allow this",
            Self::OperationInProgress => "Another operation is in progress",
            Self::NoRollout => "No rollout is in progress",
            Self::RolloutForbids => "The rollout's phase does not allow this",
            Self::NoEarlierRevision => "There is no earlier revision to go back to",
            Self::UndoesRollback => "This would undo the last rollback",
            Self::ApprovalRequired => "This needs an approval",
            Self::Frozen => "A freeze holds this",
            Self::PlanChanged => "The plan is not the one that was shown",
            Self::Stale => "The deployment has changed since this was asked for",
            Self::RequestClosed => "The change request is closed",
            Self::AlreadyReviewed => "You have reviewed this version already",
            Self::ReviewersMissing => "Too few people could approve this",
            Self::UnknownOverride => "No such policy or freeze holds this change",
            Self::AmbiguousTime => "This local time comes twice or never",
            Self::TimeInPast => "The time has passed",
            Self::UnknownZone => "There is no such time zone",
            Self::WebhookTargetRefused => "Nothing is sent to this address",
            Self::MailNotSetUp => "No mail is sent",
            Self::LastOwner => "A deployment keeps one owner",
            Self::LastAdmin => "A server keeps one administrator",
            Self::GroupInUse => "A policy names the group",
            Self::UseCaseInUse => "A policy or a freeze names the use case",
            Self::InvitationUsed => "The invitation has been used or has ended",
            Self::RevisionQuarantined => "This content is known to be bad",
            Self::RevisionInUse => "The revision is in use",
            Self::ModelInUse => "The model version is in use",
            Self::Incompatible => "The candidate may not replace the model in use",
            Self::WarningsNotAccepted => "A warning needs a go-ahead",
            Self::InsufficientCapacity => "Not enough capacity",
            Self::UnknownModel => "There is no such model version",
            Self::UnknownConfiguration => "There is no such configuration",
            Self::PackageUnreadable => "The model file cannot be read",
            Self::PackageTooLarge => "The model file is too large",
            Self::PreconditionFailed => "It was changed in the meantime",
            Self::IdempotencyKeyReused => "The idempotency key was used for something else",
            Self::RunsElsewhere => "The model runs elsewhere",
            Self::NoAnswer => "There is no answer",
            Self::TooManyPredictions => "Too many predictions are asked for",
            Self::TooManyStreams => "Too many clients are listening",
            Self::TooManyUploads => "Too many files are being received",
            Self::TooManyConnections => "Too many connections are open",
            Self::RequestTimeout => "The request did not arrive in time",
            Self::IdentityProviderUnavailable => "The identity provider does not answer",
            Self::StorageFull => "The disk is full",
            Self::StorageUnavailable => "The server cannot save changes just now",
            Self::Internal => "The server failed",
        }
    }
}
