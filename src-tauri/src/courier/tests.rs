//! The courier with a mail server and receivers that a test controls, and with time that it puts forward.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use domain::id::DeliveryId;
use domain::notice::{DeliveryState, Said, Topic};
use domain::principal::{Member, PrincipalId, ServerRole};
use domain::secret::Secret;
use domain::webhook::{Webhook, WebhookTerms};
use jiff::SignedDuration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::config::MailTls;
use crate::events::Events;
use crate::store::tables::deliveries::OutboxMessage;
use crate::store::tables::profiles::Profile;
use crate::store::tables::webhooks::WebhookRow;

/// What a mail server of the tests was sent: the mails, whole.
type Mails = Arc<Mutex<Vec<String>>>;

/// How a mail server of the tests answers the address of a mail.
type Verdict = fn(&str) -> &'static str;

/// Speaks SMTP on `listener`.
fn mail_server(listener: TcpListener, verdict: Verdict) -> Mails {
    let mails = Mails::default();
    let kept = mails.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, kept.clone(), verdict));
        }
    });
    mails
}

async fn converse(stream: TcpStream, mails: Mails, verdict: Verdict) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 test\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let answer = match line.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => "250 test",
            "RCPT" => verdict(&line),
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let mut mail = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    mail.push_str(&line);
                    mail.push('\n');
                }
                mails.lock().unwrap().push(mail);
                "250 kept"
            }
            "QUIT" => return write.write_all(b"221 bye\r\n").await,
            _ => "250 ok",
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}

/// A receiver of webhooks that answers with this status, again and again; the requests that it got, whole.
async fn receiver(answer: &'static str) -> (HostAndPort, Mails, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap().to_string().try_into().unwrap();
    let (got, asked) = (Mails::default(), Arc::new(AtomicUsize::new(0)));
    let (kept, counted) = (got.clone(), asked.clone());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let kept = kept.clone();
            tokio::spawn(async move {
                let mut request = vec![0; 16 << 10];
                let length = stream.read(&mut request).await.unwrap_or(0);
                kept.lock().unwrap().push(String::from_utf8_lossy(&request[..length]).into_owned());
                let _ = stream
                    .write_all(
                        format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").as_bytes(),
                    )
                    .await;
            });
        }
    });
    (at, got, asked)
}

/// A courier with its store, and a clock that moves as the test lets it.
struct Stage {
    _folder: tempfile::TempDir,
    store: Arc<Store>,
    clock: Clock,
    courier: Arc<Courier>,
    end: CancellationToken,
}

fn ada() -> PrincipalId {
    "p-00000000000000000000000ada".parse().unwrap()
}

fn said(subject: &str) -> Said {
    Said { subject: subject.to_owned(), happened: "It did.".to_owned(), why: None, next: None, path: "/".to_owned() }
}

impl Stage {
    fn new(mail_port: Option<u16>, webhook_allow: Vec<HostAndPort>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(folder.path(), Events::default()).unwrap());
        let clock = Clock::anchored(Timestamp::from_second(1_800_000_000).unwrap());
        let from = "changeover@example.com".parse().unwrap();
        let mail = mail_port.map(|port| MailSettings {
            host: "127.0.0.1".to_owned(),
            port,
            from,
            tls: MailTls::None,
            credentials: None,
            ca: None,
        });
        let base = "http://127.0.0.1:7070".to_owned();
        let parts = Parts { store: store.clone(), clock: clock.clone(), mail, webhook_allow, base };
        let courier = Courier::new(parts).unwrap();
        let member = Member { id: ada(), role: ServerRole::Admin, disabled: false, since: None };
        let profile = Profile { id: ada(), name: "Ada".to_owned(), email: Some("ada@example.com".to_owned()) };
        let prepared = store.write(&Actor::server(), clock.now(), |writing| {
            writing.append(None, domain::event::Event::MemberChanged { member })?;
            writing.put_profile(&profile)
        });
        prepared.unwrap();
        Self { _folder: folder, store, clock, courier, end: CancellationToken::new() }
    }

    fn run(self) -> Self {
        tokio::spawn(self.courier.clone().run(self.end.clone()));
        self
    }

    /// Has a message of this name brought.
    fn post(&self, lane: &Lane, id: &str) -> DeliveryId {
        let (id, now): (DeliveryId, _) = (id.parse().unwrap(), self.clock.now());
        let delivery = OutboxMessage {
            id: id.clone(),
            lane: lane.clone(),
            person: (*lane == Lane::Mail).then(ada),
            topic: Topic::RolloutEnded,
            at: now,
            seq: None,
            deployment: None,
            said: said(id.as_str()),
            state: DeliveryState::Waiting,
            attempts: 0,
            made_at: now,
            since: now,
            next_at: Some(now),
            tried_at: None,
            answer: None,
        };
        self.store.write(&Actor::server(), now, |writing| writing.put_delivery(&delivery)).unwrap();
        id
    }

    fn webhook(&self, at: &HostAndPort) -> Lane {
        let id: WebhookId = format!("w{}", at.port).parse().unwrap();
        let terms = WebhookTerms {
            name: "Chat".to_owned(),
            url: format!("http://{}:{}/hook", at.host, at.port),
            active: true,
            topics: [].into(),
            deployments: [].into(),
        };
        let now = self.clock.now();
        let webhook = Webhook { id: id.clone(), terms, secret_since: now, switched_off: None };
        let row = WebhookRow { webhook, secret: Secret::new("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), before: None };
        self.store.write(&Actor::server(), now, |writing| writing.put_webhook(&row)).unwrap();
        Lane::Webhook(id)
    }

    fn kept(&self, id: &DeliveryId) -> OutboxMessage {
        self.store.read(|reading| reading.delivery(id)).unwrap().unwrap()
    }

    /// Waits until `seen` says so; what does not come at all is a failure, and not a test without an end.
    async fn until(&self, seen: impl Fn() -> bool) {
        let comes = async {
            while !seen() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(120), comes).await.expect("what is waited for does not come");
    }

    async fn comes_to(&self, id: &DeliveryId, state: DeliveryState) {
        self.until(|| self.kept(id).state == state).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_was_away_for_ten_minutes_gets_each_mail_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let stage = Stage::new(Some(port), Vec::new()).run();
    let ids: Vec<_> = (0..20).map(|n| stage.post(&Lane::Mail, &format!("m{n:02}"))).collect();
    stage.courier.wake();
    let mut rests = Vec::new();
    let begin = stage.clock.now();
    // Each rest is twice as long as the one before; ten minutes have four of them.
    while stage.clock.now().duration_since(begin) < SignedDuration::from_mins(7) {
        stage
            .until(|| {
                stage.courier.means.resting().get(&Lane::Mail).is_some_and(|rest| rest.failures as usize > rests.len())
            })
            .await;
        let rest = stage.courier.means.resting()[&Lane::Mail].clone();
        let left = rest.until.duration_since(stage.clock.now());
        rests.push((left.as_millis() as f64 / 1_000.0).ceil() as i64);
        stage.clock.skip(left);
    }
    assert_eq!(rests, [30, 60, 120, 240]);
    stage.until(|| stage.courier.means.resting().get(&Lane::Mail).is_some_and(|rest| rest.failures == 5)).await;
    assert!(stage.courier.trouble(&Lane::Mail).unwrap().contains("cannot be used"));
    assert!(ids.iter().all(|id| stage.kept(id).attempts == 0), "no mail was tried where nobody listens");
    let mails = mail_server(TcpListener::bind(("127.0.0.1", port)).await.unwrap(), |_| "250 ok");
    stage.clock.skip(SignedDuration::from_mins(8));
    for id in &ids {
        stage.comes_to(id, DeliveryState::Delivered).await;
    }
    let mails = mails.lock().unwrap();
    let mut subjects: Vec<_> =
        mails.iter().map(|mail| mail.lines().find(|line| line.starts_with("Subject")).unwrap()).collect();
    subjects.sort_unstable();
    subjects.dedup();
    assert_eq!((mails.len(), subjects.len()), (20, 20), "each once");
    assert!(mails.iter().all(|mail| mail.contains("@example.com>") && mail.contains("To: ada@example.com")));
    assert_eq!(stage.courier.trouble(&Lane::Mail), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_for_good_ends_and_what_is_not_yet_taken_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let mails = mail_server(listener, |_| match ASKED.fetch_add(1, Ordering::SeqCst) {
        0 => "550 no such person",
        1 => "451 later",
        _ => "250 ok",
    });
    let stage = Stage::new(Some(port), Vec::new()).run();
    let never = stage.post(&Lane::Mail, "m1");
    let later = stage.post(&Lane::Mail, "m2");
    let taken = stage.post(&Lane::Mail, "m3");
    stage.courier.wake();
    stage.comes_to(&never, DeliveryState::Refused).await;
    stage.comes_to(&taken, DeliveryState::Delivered).await;
    assert!(stage.kept(&never).answer.unwrap().contains("no such person"));
    let waits = stage.kept(&later);
    assert_eq!((waits.state, waits.attempts), (DeliveryState::Waiting, 1));
    assert_eq!(waits.next_at.unwrap().duration_since(waits.tried_at.unwrap()), SignedDuration::from_secs(30));
    stage.clock.skip(SignedDuration::from_secs(31));
    stage.comes_to(&later, DeliveryState::Delivered).await;
    assert_eq!(mails.lock().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_refuses_the_sender_is_away_and_no_mail_is_lost_by_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    static REFUSES: AtomicBool = AtomicBool::new(false);
    let converse = async |stream: TcpStream| -> std::io::Result<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        // Once it has refused somebody, it greets nobody any more.
        if REFUSES.load(Ordering::SeqCst) {
            return write.write_all(b"554 no service\r\n").await;
        }
        write.write_all(b"220 test\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            if line.starts_with("RCPT") {
                REFUSES.store(true, Ordering::SeqCst);
                return write.write_all(b"554 no relay for you\r\n").await;
            }
            write.write_all(b"250 ok\r\n").await?;
        }
        Ok(())
    };
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream));
        }
    });
    let stage = Stage::new(Some(port), Vec::new()).run();
    let id = stage.post(&Lane::Mail, "m1");
    stage.courier.wake();
    stage.until(|| stage.kept(&id).attempts == 1).await;
    assert_eq!(stage.kept(&id).state, DeliveryState::Waiting);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_takes_for_three_days_is_given_up_and_administrators_are_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let stage = Stage::new(Some(port), Vec::new()).run();
    let ids = [stage.post(&Lane::Mail, "m1"), stage.post(&Lane::Mail, "m2")];
    stage.courier.wake();
    stage.until(|| stage.courier.trouble(&Lane::Mail).is_some()).await;
    stage.clock.skip(SignedDuration::from_hours(73));
    for id in &ids {
        stage.comes_to(id, DeliveryState::GivenUp).await;
    }
    let notices = || stage.store.read(|reading| reading.notices(&ada(), true, None, 10)).unwrap();
    stage.until(|| !notices().is_empty()).await;
    assert_eq!(notices().len(), 1, "once for all of them");
    assert!(notices()[0].notice.said.subject.starts_with("Not delivered"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_receiver_waits_for_no_other_and_each_answer_means_what_it_says() {
    let (good, got, _) = receiver("204 No Content").await;
    let (failing, _, tried) = receiver("500 Internal Server Error").await;
    let (moved, _, _) = receiver("302 Found\r\nlocation: http://127.0.0.1:1/").await;
    let (gone, _, _) = receiver("410 Gone").await;
    // It takes the connection and never answers.
    let hanging = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hangs: HostAndPort = hanging.local_addr().unwrap().to_string().try_into().unwrap();
    let all = [&good, &failing, &moved, &gone, &hangs].map(Clone::clone);
    let stage = Stage::new(None, all.to_vec()).run();
    let [good, failing, moved, gone, hangs] = all.map(|at| stage.webhook(&at));
    let first = stage.post(&hangs, "d0");
    let ids = [&good, &failing, &moved, &gone]
        .map(|lane| stage.post(lane, &format!("d-{}", serde_json::json!(lane)["webhook"].as_str().unwrap())));
    let second = stage.post(&gone, "dz");
    stage.courier.wake();
    stage.comes_to(&ids[0], DeliveryState::Delivered).await;
    stage.comes_to(&ids[3], DeliveryState::Refused).await;
    stage.until(|| stage.kept(&ids[1]).attempts == 1 && stage.kept(&ids[2]).attempts == 1).await;
    assert_eq!(stage.kept(&first).attempts, 0, "the one that hangs is still waited for");
    assert!(stage.kept(&ids[2]).answer.unwrap().contains("redirects are not followed"));
    assert_eq!(tried.load(Ordering::SeqCst), 1);
    let Lane::Webhook(id) = &gone else { unreachable!() };
    let webhook = || stage.store.read(|reading| reading.webhook(id)).unwrap().unwrap().webhook;
    stage.until(|| !webhook().terms.active).await;
    assert!(webhook().switched_off.unwrap().starts_with("410"));
    stage.comes_to(&second, DeliveryState::Refused).await;
    let request = got.lock().unwrap()[0].clone();
    for part in ["POST /hook HTTP/1.1", "webhook-id: d-w", "webhook-timestamp: 1800000000", "webhook-signature: v1,"] {
        assert!(request.contains(part), "{part} in {request}");
    }
    // The one that failed is asked again, with the same id.
    stage.clock.skip(SignedDuration::from_secs(31));
    stage.until(|| tried.load(Ordering::SeqCst) == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_mail_is_sent_none_waits() {
    let stage = Stage::new(None, Vec::new()).run();
    let id = stage.post(&Lane::Mail, "m1");
    stage.courier.wake();
    stage.until(|| stage.store.read(|reading| reading.delivery(&id)).unwrap().is_none()).await;
}

#[tokio::test]
async fn nothing_leads_here_that_the_settings_do_not_allow() {
    let (at, _, asked) = receiver("204 No Content").await;
    let stage = Stage::new(None, Vec::new());
    let lane = stage.webhook(&at);
    let Lane::Webhook(id) = &lane else { unreachable!() };
    let tried = stage.courier.try_webhook(id).await.unwrap();
    assert!(!tried.accepted && tried.answer.contains("webhook_allow"), "{tried:?}");
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    for url in [format!("http://localhost:{}/", at.port), format!("https://localhost:{}/", at.port)] {
        assert!(stage.courier.check_target(&url).await.is_err(), "{url}");
    }
}
