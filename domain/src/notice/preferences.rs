//! What a person does not want to be told of by e-mail.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Channel, Topic};

/// The choices of a person. By default everything is told on every channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NoticePreferences {
    /// The topics that are not told by e-mail.
    #[serde(default)]
    pub no_email: BTreeSet<Topic>,
    /// The topics that are not told in the application.
    #[serde(default)]
    pub no_application: BTreeSet<Topic>,
}

impl NoticePreferences {
    /// True where a topic is told on a channel. What may not be switched off is told whatever they say.
    pub fn allow(&self, topic: Topic, channel: Channel) -> bool {
        let off = match channel {
            Channel::Application => &self.no_application,
            Channel::Email => &self.no_email,
            // A webhook is the server's, and no person's.
            Channel::Webhook => return topic.channels().contains(&channel),
        };
        topic.channels().contains(&channel) && !(topic.may_be_switched_off() && off.contains(&topic))
    }

    /// The first topic that is switched off and may not be.
    pub fn too_much(&self) -> Option<Topic> {
        self.no_email.iter().chain(&self.no_application).find(|topic| !topic.may_be_switched_off()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_not_be_switched_off_is_told_all_the_same() {
        for topic in Topic::ALL.iter().copied() {
            let all_off = NoticePreferences { no_email: [topic].into(), no_application: [topic].into() };
            for channel in [Channel::Application, Channel::Email] {
                assert_eq!(all_off.allow(topic, channel), !topic.may_be_switched_off(), "{topic} {channel}");
                assert!(NoticePreferences::default().allow(topic, channel), "{topic} {channel}");
            }
            assert_eq!(all_off.too_much(), (!topic.may_be_switched_off()).then_some(topic));
            let by_webhook = topic.channels().contains(&Channel::Webhook);
            assert_eq!(all_off.allow(topic, Channel::Webhook), by_webhook, "{topic}");
        }
    }
}
