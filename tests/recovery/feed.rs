//! The journal of a real server, entry by entry as it is written.

use anyhow::{Context as _, ensure};
use domain::event::Event;
use reqwest::Method;
use serde_json::Value;
use tests::server::Server;

use crate::story::Story;

/// Reads entries.
pub(crate) struct Feed {
    response: reqwest::Response,
    text: String,
    /// The last entry that was read.
    pub(crate) seen: u64,
}

impl Feed {
    /// From the entry after this one.
    pub(crate) async fn open(server: &Server, after: u64) -> anyhow::Result<Self> {
        let response = server.request(Method::GET, &format!("/events?after={after}"))?.send().await?;
        ensure!(response.status() == 200, "{response:?}");
        Ok(Self { response, text: String::new(), seen: after })
    }

    /// Returns as soon as so many entries of the story are there; false when it is over before.
    pub(crate) async fn reach(&mut self, story: &Story, wanted: u32) -> anyhow::Result<bool> {
        while !(story.begins)(&self.next().await?) {}
        let mut seen = Vec::new();
        while seen.len() < wanted as usize {
            if (story.ends)(&seen) {
                return Ok(false);
            }
            seen.push(self.next().await?);
        }
        Ok(!(story.ends)(&seen))
    }

    /// The next entry, once it is there.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Event> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let field = |name| block.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim();
                let (event, data) = (field("event:").to_owned(), field("data:").to_owned());
                self.text = rest.to_owned();
                // Others are signs of life, and news of notices.
                if event != "change" {
                    continue;
                }
                let mut entry: Value = serde_json::from_str(&data)?;
                self.seen = entry["seq"].as_u64().context("an entry has no place")?;
                return Ok(serde_json::from_value(entry["event"].take())?);
            }
            let chunk = self.response.chunk().await?.context("the feed ended")?;
            self.text.push_str(std::str::from_utf8(&chunk)?);
        }
    }
}
