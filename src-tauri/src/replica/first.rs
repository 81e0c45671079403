//! Ready means that the program answers: asks a sample request before the first traffic, until it is answered.
//!
//! Rules for the answer are in `domain::first_answers`. A program is asked once its health route says that it is well.

use std::path::Path;
use std::time::Duration;

use domain::first_answers::{DOUBT_SECONDS, FirstRequest, Shown, shown};
use tokio::sync::watch;
use tokio::time::Instant;

use super::ReplicaError;
use super::log::say;

/// The pause after the first question that was not answered, which doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Most characters of an answer that are repeated.
const ECHO: usize = 300;

/// The reason why a healthy program is not ready; shared by the task that asks and the route that tells.
#[derive(Clone)]
pub(super) struct First(watch::Sender<Option<String>>);

impl First {
    /// Nothing was answered yet, or nothing is asked.
    pub(super) fn new(request: Option<&FirstRequest>) -> Self {
        Self(watch::Sender::new(request.map(|_| "the program has not answered the sample request yet".to_owned())))
    }

    /// The reason why the program is not ready.
    pub(super) fn problem(&self) -> Option<String> {
        self.0.borrow().clone()
    }

    /// Asks with `ask` until the request is answered. `None` from `ask` means that it is not time to ask.
    pub(super) async fn ask<A>(&self, id: &str, request: &FirstRequest, ask: impl Fn() -> A)
    where
        A: Future<Output = Option<Result<(u16, Vec<u8>), String>>>,
    {
        until_answered(id, request, ask, |why| {
            self.0.send_replace(Some(why));
        })
        .await;
        self.0.send_replace(None);
    }
}

/// The request in the file at `path`, which this replica is asked first.
pub(super) fn request(path: &Path) -> Result<FirstRequest, ReplicaError> {
    let unreadable = ReplicaError::system("the sample request cannot be read");
    let read = std::fs::read(path).and_then(|text| Ok(serde_json::from_slice(&text)?));
    read.map_err(unreadable)
}

/// Returns once it is answered. `tell` is told why not.
pub(super) async fn until_answered<A>(id: &str, request: &FirstRequest, ask: impl Fn() -> A, tell: impl Fn(String))
where
    A: Future<Output = Option<Result<(u16, Vec<u8>), String>>>,
{
    let (mut pause, mut doubted, mut said) = (FIRST_PAUSE, None::<Instant>, None::<String>);
    loop {
        if let Some(answer) = ask().await {
            let why = match answer {
                Ok((status, body)) => match shown(status, request.certainty) {
                    Shown::Answers => return,
                    Shown::Doubtful => {
                        let since = *doubted.get_or_insert_with(Instant::now);
                        if since.elapsed() >= Duration::from_secs(DOUBT_SECONDS) {
                            say!(
                                "{id}: takes requests although it failed the sample request, which was only generated from the model's signature"
                            );
                            return;
                        }
                        answered(status, &body)
                    }
                    Shown::NotYet => {
                        doubted = None;
                        answered(status, &body)
                    }
                },
                Err(why) => format!("the replica does not answer the sample request: {why}"),
            };
            tell(why.clone());
            if said.as_ref() != Some(&why) {
                say!("{id}: not ready yet: {why}");
                said = Some(why);
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn answered(status: u16, body: &[u8]) -> String {
    let words: Vec<_> = std::str::from_utf8(body).unwrap_or_default().split_whitespace().collect();
    let said: String = words.join(" ").chars().take(ECHO).collect();
    format!("it answers the sample request with status {status}: {said}")
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use domain::first_answers::Certainty;
    use serde_json::json;

    use super::*;

    /// Seconds until it is answered, and how often it was asked; the last answer is given for ever.
    async fn asked(certainty: Certainty, answers: &[Option<u16>]) -> (u64, usize) {
        let request = FirstRequest { path: "/".to_owned(), body: json!({}), certainty };
        let (began, count) = (Instant::now(), RefCell::new(0));
        let ask = || {
            let at = count.replace_with(|count| *count + 1).min(answers.len() - 1);
            std::future::ready(Some(answers[at].map(|status| (status, Vec::new())).ok_or("refused".to_owned())))
        };
        until_answered("r-1", &request, ask, |_| {}).await;
        (began.elapsed().as_secs(), *count.borrow())
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_asked_until_it_answers_and_a_made_up_request_only_so_long() {
        use Certainty::*;
        assert_eq!(asked(Stated, &[Some(200)]).await, (0, 1));
        assert_eq!(asked(Stated, &[None, Some(503), Some(503), Some(200)]).await, (0, 4));
        assert_eq!(asked(Guessed, &[Some(500)]).await, (0, 1));
        let (seconds, _) = asked(Stated, &[Some(500)]).await;
        assert!((30..33).contains(&seconds), "{seconds}");
        // Not yet is not a doubt that grows.
        let patient: Vec<_> = std::iter::repeat_n(Some(503), 100).chain([Some(200)]).collect();
        assert_eq!(asked(Stated, &patient).await.1, 101);
        let configured: Vec<_> = std::iter::repeat_n(Some(500), 100).chain([Some(204)]).collect();
        assert_eq!(asked(Configured, &configured).await.1, 101);
    }
}
