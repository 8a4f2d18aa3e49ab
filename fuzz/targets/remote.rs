//! Keys of a server, whatever it answers and whatever the clock does: they count as long as its answer says, outlive its failures as long as was set, and nobody's tokens make us ask more often than the cooldown.

#![no_main]

use arbitrary::Arbitrary;
use evertoken::core::error::{Code, Error};
use evertoken::core::token::base64url::encode;
use evertoken::core::token::jwks::KeySet;
use evertoken::core::token::policy::Policy;
use evertoken::core::token::remote::{Answer, Need, Remote, Settings, is_trustworthy};
use evertoken::core::token::verifier::Verifier;
use libfuzzer_sys::fuzz_target;
use url::{Host, Url};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    ttl: u16,
    cooldown: u8,
    stale: u16,
    events: Vec<Event<'a>>,
    scheme: u8,
    url: &'a str,
}

const SCHEMES: [&str; 5] = ["http://", "https://", "http://localhost", "http://127.", "http://[::"];

#[derive(Arbitrary, Debug)]
enum Event<'a> {
    /// Seconds, and milliseconds.
    Wait(u16, u8),
    /// The clock is set back by so many seconds.
    Back(u16),
    /// A token comes whose key has this name.
    Token(u8),
    /// The server answers what was asked.
    Good {
        keys: u8,
        control: Control,
        age: Option<u16>,
    },
    Bad {
        status: u16,
        body: &'a [u8],
        control: &'a str,
    },
    Fail,
}

#[derive(Arbitrary, Debug)]
enum Control {
    Missing,
    MaxAge(u32),
    Two(u16, u16),
    NoStore,
    /// What says nothing to us.
    Others(u16),
}

impl Control {
    /// The header, and the seconds that it gives.
    fn header(&self, age: f64) -> (Option<String>, Option<f64>) {
        match self {
            Self::Missing => (None, None),
            Self::MaxAge(seconds) => {
                (Some(format!("public, max-age={seconds}")), Some(f64::from(*seconds) - age))
            }
            Self::Two(one, two) => (
                Some(format!("Max-Age=\"{one}\",private,max-age = {two}")),
                Some(f64::from(*one.min(two)) - age),
            ),
            Self::NoStore => {
                (Some(String::from("max-age=99, no-store")), Some(f64::min(99.0 - age, 0.0)))
            }
            Self::Others(seconds) => (Some(format!("s-maxage={seconds}, immutable")), None),
        }
    }
}

struct Held {
    since: f64,
    lifetime: f64,
    keys: u8,
}

fuzz_target!(|input: Input<'_>| {
    trusted(&[SCHEMES[usize::from(input.scheme) % SCHEMES.len()], input.url].concat());
    let mut settings = Settings::default();
    settings.ttl = f64::from(input.ttl) + 1.0;
    settings.cooldown = f64::from(input.cooldown);
    settings.stale_if_error = f64::from(input.stale);
    let mut remote = Remote::new(settings);
    let mut verifier = Verifier::new(KeySet::from(Vec::new()), Policy::default());
    let mut now = 1e9;
    let mut held: Option<Held> = None;
    let mut asked: Option<f64> = None;
    let mut failing = false;

    for event in &input.events {
        match event {
            Event::Wait(seconds, thousandths) => {
                now += f64::from(*seconds) + f64::from(*thousandths) / 1000.0;
            }
            Event::Back(seconds) => now -= f64::from(*seconds),
            Event::Token(name) => {
                let token = token(*name);
                let known = held.as_ref().is_some_and(|held| *name < held.keys);
                let need = remote.need_for(&token, &verifier, now);
                if known {
                    assert_eq!(need, Ok(Need::Nothing), "the key is there");
                }
                if matches!(need, Ok(Need::Fetch)) {
                    let since = asked.map_or(f64::INFINITY, |asked| now - asked);
                    assert!(
                        failing || since >= settings.cooldown || since < 0.0,
                        "asked again after {since} s for a key that nobody has"
                    );
                    remote.asked_for(&token, &verifier, now);
                    asked = Some(now);
                }
                if let Err(error) = need {
                    assert!(failing && error.detail().retry_after.is_some());
                }
            }
            Event::Good { keys, control, age } => {
                ask(&mut remote, &mut asked, now);
                let body = body(*keys);
                let age_text = age.map(|age| age.to_string());
                let (control, given) = control.header(f64::from(age.unwrap_or(0)));
                let mut answer = Answer::new(200, body.as_bytes());
                if let Some(control) = &control {
                    answer = answer.cache_control(control);
                }
                if let Some(age) = &age_text {
                    answer = answer.age(age);
                }
                let fresh = remote.answered(&answer, now).expect("it is a set of keys");
                let same = held.as_ref().is_some_and(|held| held.keys == *keys);
                assert_eq!(fresh.is_none(), same, "keys are read again only where they changed");
                if let Some(keys) = fresh {
                    verifier.keys = keys;
                }
                failing = false;
                let least = settings.cooldown.max(1.0).min(settings.ttl);
                let most = f64::max(86_400.0, settings.ttl);
                let lifetime = given.map_or(settings.ttl, |given| given.max(least).min(most));
                held = Some(Held { since: asked.unwrap_or(now), lifetime, keys: *keys });
            }
            Event::Bad { status, body, control } => {
                ask(&mut remote, &mut asked, now);
                let answer = Answer::new(*status, body).cache_control(control);
                let usable = remote.is_usable(now);
                match remote.answered(&answer, now) {
                    // Whoever finds a set of keys by chance has brought us one.
                    Ok(_) => return,
                    Err(error) => refused(&error),
                }
                assert_eq!(remote.is_usable(now), usable, "a failure takes no keys away");
                failing = true;
            }
            Event::Fail => {
                ask(&mut remote, &mut asked, now);
                let usable = remote.is_usable(now);
                refused(&remote.failed(Error::new(Code::JwksTimeout, "no answer"), now));
                assert_eq!(remote.is_usable(now), usable, "a failure takes no keys away");
                failing = true;
            }
        }
        check(&remote, held.as_ref(), &settings, now, failing);
    }
});

fn ask(remote: &mut Remote, asked: &mut Option<f64>, now: f64) {
    remote.asked(now);
    *asked = Some(now);
}

fn check(remote: &Remote, held: Option<&Held>, settings: &Settings, now: f64, failing: bool) {
    let lived = |held: &Held| now - held.since;
    let in_time = |length: f64, held: &Held| (0.0..length).contains(&lived(held));
    let fresh = held.is_some_and(|held| in_time(held.lifetime, held));
    let usable = held.is_some_and(|held| in_time(held.lifetime + settings.stale_if_error, held));
    assert_eq!(remote.is_usable(now), usable);
    match remote.need(now) {
        Ok(Need::Nothing) => assert!(usable),
        Ok(Need::Retry) => assert!(usable && failing && !fresh),
        Ok(Need::Fetch | Need::Wait) => assert!(!fresh),
        Err(error) => assert!(!usable && failing && error.detail().retry_after.is_some()),
    }
    if fresh {
        assert_eq!(remote.need(now), Ok(Need::Nothing));
    }
}

fn refused(error: &Error) {
    assert!(matches!(
        error.code,
        Code::JwksUnavailable
            | Code::JwksTimeout
            | Code::JwksInvalid
            | Code::JwkInvalid
            | Code::NotSupported
    ));
}

fn token(name: u8) -> String {
    let header = format!(r#"{{"alg":"EdDSA","kid":"{name}"}}"#);
    [encode(header.as_bytes()), encode(b"{}"), encode(&[0; 64])].join(".")
}

fn body(keys: u8) -> String {
    let key = |name: u8| {
        format!(
            r#"{{"kty":"OKP","crv":"Ed25519","kid":"{name}","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}}"#
        )
    };
    let keys: Vec<String> = (0..keys).map(key).collect();
    format!(r#"{{"keys":[{}]}}"#, keys.join(","))
}

/// Only this machine is trusted without TLS, and no URL that holds a password, as another reader of URLs sees them.
fn trusted(text: &str) {
    let Ok(url) = Url::parse(text) else { return };
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let is_bare = url.username().is_empty() && url.password().is_none();
    let wanted = is_bare && (url.scheme() == "https" || (url.scheme() == "http" && is_here));
    assert_eq!(is_trustworthy(url.as_str()), wanted, "{url}");
}
