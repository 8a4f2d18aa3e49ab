//! One cookie jar under the worst that networks do, and a copy of it in other hands: the honest holder
//! alone is never refused, and two holders part ways.

#![cfg(feature = "issuer")]

use std::collections::HashMap;

use evertoken::core::account::answer::Answer;
use evertoken::core::account::attempt::Attempt;
use evertoken::core::account::codec::{RefreshToken, Secrets, handle, session_id};
use evertoken::core::account::cookie::{Cookies, Wanted};
use evertoken::core::account::decide::{Ask, Verdict, decide};
use evertoken::core::account::record::{Account, Limit, SignIn};
use evertoken::core::account::session::{Access, Granted};
use evertoken::core::secret::Secret;

const DAY: i64 = 86_400;
const GRACE: i64 = 30;
/// Seconds after which an answer that is still under way is as good as lost.
const PATIENCE: i64 = 15;

/// Numbers that look random, and are the same ones for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn one_in(&mut self, number: u64) -> bool {
        self.below(number) == 0
    }
}

/// A browser's cookies, as its next request sends them.
#[derive(Clone, Default)]
struct Jar(HashMap<String, String>);

impl Jar {
    fn take(&mut self, lines: &[String]) {
        for line in lines {
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            self.0.insert(name.into(), value.into());
        }
    }

    fn generation(&self) -> u64 {
        self.0["__Host-evertoken-attempt"].split('.').next().unwrap().parse().unwrap()
    }

    fn header(&self) -> String {
        self.0.iter().map(|(name, value)| [name, "=", value, "; "].concat()).collect()
    }
}

struct Server {
    account: Account,
    cookies: Cookies,
    secrets: Secrets,
    now: i64,
    drawn: u64,
}

impl Server {
    fn new() -> (Self, Jar) {
        let mut server = Self {
            account: Account::new("ada".into()),
            cookies: Cookies::new(Wanted::default()).unwrap(),
            secrets: Secrets::new(&[Secret::new(vec![1; 32])]).unwrap(),
            now: 1_800_000_000,
            drawn: 0,
        };
        let mut grant = Granted::default();
        grant.claims = "{}".into();
        let sign_in = SignIn {
            id: session_id([1; 12]),
            client: "web".into(),
            grant,
            idle_ttl: 10_000 * DAY,
            absolute_ttl: 10_000 * DAY,
            access: server.access(),
        };
        server.account.sign_in(sign_in, Limit { sessions: 1, evict: true }, server.now).unwrap();
        let mut jar = Jar::default();
        jar.take(&server.answer(Some(0)));
        (server, jar)
    }

    fn draw(&mut self) -> String {
        self.drawn += 1;
        format!("{:022}", self.drawn)
    }

    fn access(&mut self) -> Access {
        let jti = self.draw();
        Access { jti, iat: self.now, exp: self.now + 300, claims: "{}".into(), ..Access::default() }
    }

    fn answer(&mut self, period: Option<i64>) -> Vec<String> {
        let drawn = self.draw();
        let name = handle("i", "ada");
        let session = self.account.session(&session_id([1; 12])).unwrap();
        let answer =
            Answer { issuer: "i", handle: &name, account: &self.account, session, now: self.now };
        let refresh = self.secrets.mint(&name, &session.id, session.generation, &session.client);
        let of = |period| self.secrets.attempt(&name, &session.id, session.generation, period);
        self.cookies.set(&answer, &refresh, "access", &period.map_or(drawn, of))
    }

    /// Answers one refresh with cookies, or with what refuses it.
    fn refresh(&mut self, header: &str, form: Option<&str>) -> Result<Vec<String>, Verdict> {
        let mut jar = self.cookies.read(header);
        let (token, client) = jar.refresh.take().unwrap();
        let token = RefreshToken::parse(&token).unwrap();
        self.secrets.check(&token, &client).unwrap();
        let given = jar.attempt(token.generation(), form.map(String::from));
        let entropy = u128::from(self.drawn).to_be_bytes();
        let mut attempt = Attempt::new(token.session(), given.as_deref(), entropy).unwrap();
        if let Some(twins) = given.and_then(|given| self.secrets.twins(&token, &given)) {
            attempt = attempt.with_twins(token.session(), &twins);
        }
        assert_eq!(attempt.absent, form.is_some(), "the attempt never parts from its token");
        let now = self.now;
        let ask = Ask { token: &token, client: &client, attempt, cookie: true, grace: GRACE, now };
        let verdict = decide(&self.account, &ask);
        match &verdict {
            Verdict::Rotate { .. } => {
                let access = self.access();
                self.account.rotate(&ask, access);
            }
            other => self.account.settle(other, &ask),
        }
        if verdict.refusal().is_some() {
            return Err(verdict);
        }
        Ok(self.answer(verdict.agrees().then(|| ask.period())))
    }
}

/// Wherever their turns fall, as long as none comes within the grace of the other's.
#[test]
fn c52_two_holders_part_ways_before_the_third_turn_of_either() {
    let mut ends = [0; 5];
    'seeds: for seed in 0..500 {
        let mut chance = Chance(seed);
        let (mut server, mut victim) = Server::new();
        for _ in 0..chance.below(4) {
            server.now += 300;
            victim.take(&server.refresh(&victim.header(), None).unwrap());
        }
        let mut thief = victim.clone();
        // Whoever uses a copy once and never again has one access token, and is not seen.
        let (mut turns, mut last, mut doubt) = (0, None, false);
        loop {
            server.now += 36 + chance.below(3000) as i64;
            let is_thief = chance.one_in(2);
            turns += usize::from(last.replace(is_thief) != Some(is_thief));
            assert!(turns < ends.len(), "{seed}: both are still there");
            let (jar, form) = match is_thief {
                true => (&mut thief, None),
                // As a client does that is told so, waits, and finds nothing newer in its jar.
                false => (&mut victim, doubt.then_some("none")),
            };
            match server.refresh(&jar.header(), form) {
                Ok(answer) => jar.take(&answer),
                // The victim is ahead, and the thief gets nothing.
                Err(Verdict::Superseded) if is_thief => continue 'seeds,
                Err(Verdict::Superseded) => doubt = true,
                Err(Verdict::Reuse) => break,
                Err(other) => panic!("{seed}: {other:?}"),
            }
        }
        assert!(server.account.session(&session_id([1; 12])).is_none(), "{seed}");
        ends[turns] += 1;
    }
    assert!(ends[2..].iter().all(|count| *count > 0), "{ends:?}");
}

/// Tabs and a renderer with one jar, whose requests overlap and whose answers are lost, late, or overtake
/// each other: but by two generations, since nobody asks for a third while the first is under way.
#[test]
fn c52_whoever_has_the_jar_for_themselves_is_never_refused() {
    let (mut repeats, mut fallbacks) = (0, 0);
    for seed in 0..25 {
        let mut chance = Chance(seed);
        let (mut server, mut jar) = Server::new();
        let mut flying: Vec<(i64, Vec<String>, u64)> = Vec::new();
        for _ in 0..300 {
            server.now += match chance.below(8) {
                0 => 40 * DAY,
                1 | 2 => 290 + chance.below(30) as i64,
                _ => chance.below(5) as i64,
            };
            // The last one first: what was answered earlier comes over what is newer.
            let arrived: Vec<_> = flying.extract_if(.., |(at, ..)| *at <= server.now).collect();
            for (_, answer, _) in arrived.into_iter().rev() {
                let before = jar.generation();
                jar.take(&answer);
                fallbacks += u64::from(jar.generation() < before);
            }
            let session = server.account.session(&session_id([1; 12])).unwrap();
            let (generation, exp) = (session.generation, session.access.exp);
            let burst = if server.now >= exp - 30 {
                1 + chance.below(4)
            } else if flying.iter().all(|(.., sent)| *sent == generation) && chance.one_in(4) {
                1
            } else {
                0
            };
            let header = jar.header();
            for _ in 0..burst {
                let answer = server.refresh(&header, None);
                let answer = answer.unwrap_or_else(|verdict| panic!("{seed}: {verdict:?}"));
                if !chance.one_in(4) {
                    let live = server.account.session(&session_id([1; 12])).unwrap().generation;
                    let delay = chance.below(PATIENCE as u64) as i64;
                    flying.push((server.now + delay, answer, live));
                }
            }
            let session = server.account.session(&session_id([1; 12])).unwrap();
            repeats += u64::from(burst > 0 && session.generation == generation);
        }
    }
    assert!(repeats > 500 && fallbacks > 50, "{repeats} repeats, {fallbacks} fallbacks");
}
