//! The text of a mail, and the body of a message to a webhook.

use std::fmt::Write as _;

use domain::moment;
use domain::notice::Said;
use domain::secret::Secret;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::store::tables::deliveries::OutboxMessage;

/// The text of a mail: what happened, why, what to do, and where to read on. `base` is the URL of the interface.
pub(super) fn text(said: &Said, base: &str) -> String {
    let mut text = format!("{}\n\n{}\n", said.subject, said.happened);
    if let Some(why) = &said.why {
        let _ = write!(text, "\nWhy: {why}\n");
    }
    if let Some(next) = &said.next {
        let _ = write!(text, "\nWhat to do: {next}\n");
    }
    let _ = write!(text, "\n{base}{}\n", said.path);
    let _ = write!(
        text,
        "\n-- \nChangeover at {base}\nChoose what you are told of: {base}/notifications?show=preferences\n"
    );
    text
}

/// The text of an invitation, whose link lets somebody in.
pub(super) fn invitation(inviter: &str, link: &Secret, ends: Timestamp, base: &str) -> String {
    let inviter = domain::visible::shown(inviter);
    format!(
        "{inviter} invites you to Changeover, where models behind inference URLs are replaced.\n\n\
         Open this link, say who you are, and choose a password. It works once, until {}:\n\n{}\n\n\
         If you do not know {inviter}, do nothing: nobody joins without the link.\n\n-- \nChangeover at {base}\n",
        moment::in_words(ends),
        link.reveal()
    )
}

/// The body of a message to a webhook.
pub(super) fn body(delivery: &OutboxMessage, said: &Said, base: &str) -> Value {
    let deployment = delivery.deployment.as_ref().map(|(id, name)| json!({"id": id, "name": name}));
    json!({
        "type": format!("changeover.{}", delivery.topic),
        "timestamp": delivery.at,
        "data": {
            "topic": delivery.topic,
            "seq": delivery.seq,
            "deployment": deployment,
            "subject": said.subject,
            "happened": said.happened,
            "why": said.why,
            "next": said.next,
            "url": format!("{base}{}", said.path),
            // What chats show of a message that they know nothing else of.
            "text": format!("{}\n{base}{}", said.subject, said.path),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_says_what_happened_why_and_what_to_do() {
        let said = Said {
            subject: "Update of iris to iris v2 failed and was undone".to_owned(),
            happened: "Rollout 7 of iris failed.".to_owned(),
            why: Some("No operator Foo".to_owned()),
            next: Some("Fix it.".to_owned()),
            path: "/deployments/iris?tab=rollouts".to_owned(),
        };
        assert_eq!(
            text(&said, "https://models.example.com"),
            "Update of iris to iris v2 failed and was undone\n\nRollout 7 of iris failed.\n\nWhy: No operator Foo\n\nWhat to do: Fix it.\n\n\
             https://models.example.com/deployments/iris?tab=rollouts\n\n-- \nChangeover at https://models.example.com\n\
             Choose what you are told of: https://models.example.com/notifications?show=preferences\n"
        );
    }
}
