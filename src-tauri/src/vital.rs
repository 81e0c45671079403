//! Parts that the server cannot do without. One that breaks off, or ends although nobody told it to, is told to whoever
//! waits for that; the server ends then, so that nothing runs on without its engine, its checks or its gateway.

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// All vital parts of one server. Cheap to clone; all clones are one.
#[derive(Clone, Debug, Default)]
pub struct Vital(watch::Sender<Option<&'static str>>);

/// A part for as long as it does its work: whoever drops it without [`done`](Self::done) has broken off.
#[derive(Debug)]
pub struct VitalPart {
    vital: Vital,
    name: Option<&'static str>,
}

impl Vital {
    /// A part that begins its work; `name` is what people call it.
    pub fn part(&self, name: &'static str) -> VitalPart {
        VitalPart { vital: self.clone(), name: Some(name) }
    }

    /// Lets a part work on a task of its own until `end`.
    pub fn spawn(
        &self,
        name: &'static str,
        end: CancellationToken,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> JoinHandle<()> {
        let part = self.part(name);
        tokio::spawn(async move {
            work.await;
            if end.is_cancelled() {
                part.done();
            }
        })
    }

    /// Waits until a part is lost; the first one that was.
    pub async fn lost(&self) -> &'static str {
        let mut lost = self.0.subscribe();
        loop {
            if let Some(name) = *lost.borrow_and_update() {
                return name;
            }
            // The sender lives as long as `self`.
            let _ = lost.changed().await;
        }
    }

    /// Whether none is lost.
    pub fn is_whole(&self) -> bool {
        self.0.borrow().is_none()
    }
}

impl VitalPart {
    /// Its work is over, as it was meant to be.
    pub fn done(mut self) {
        self.name = None;
    }
}

impl Drop for VitalPart {
    fn drop(&mut self) {
        let Some(name) = self.name else { return };
        self.vital.0.send_if_modified(|lost| {
            let first = lost.is_none();
            lost.get_or_insert(name);
            first
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_part_that_panics_or_ends_unasked_is_told_by_name() {
        let vital = Vital::default();
        let end = CancellationToken::new();
        let panics = async { std::panic::resume_unwind(Box::new("a defect")) };
        assert!(vital.spawn("the engine", end.clone(), panics).await.is_err());
        assert_eq!((vital.lost().await, vital.is_whole()), ("the engine", false));
        let vital = Vital::default();
        vital.spawn("the checks", end, async {}).await.unwrap();
        assert_eq!(vital.lost().await, "the checks");
        let vital = Vital::default();
        let part = vital.part("a thread");
        let thread = std::thread::spawn(move || {
            let _part = part;
            std::panic::resume_unwind(Box::new("a defect"));
        });
        assert!(thread.join().is_err());
        assert_eq!(vital.lost().await, "a thread");
    }

    #[tokio::test]
    async fn a_part_that_was_told_to_end_is_not_lost() {
        let (vital, end) = (Vital::default(), CancellationToken::new());
        let told = end.clone();
        let work = vital.spawn("the engine", end.clone(), async move { told.cancelled().await });
        end.cancel();
        work.await.unwrap();
        vital.part("a watch").done();
        assert!(vital.is_whole());
    }
}
