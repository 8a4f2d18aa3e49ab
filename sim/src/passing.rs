//! One-token mode: APIs renew the access token in passing, and nothing else does.

use evertoken::core::account::access::AccessToken;
use evertoken::core::account::renew::{Renewal, response};
use evertoken::core::json::{Object, Writer};
use evertoken::core::session::{Input, Stamp, Token};
use evertoken::core::token::base64url;

use crate::api::{Minted, Request};
use crate::instance::EPOCH;
use crate::names::name;
use crate::plan::{Fault, SECOND};
use crate::server::{HANDLE, Server, seconds};
use crate::world::{Event, Word, World};

impl Server {
    fn renewal(&self) -> Renewal {
        Renewal { life: self.life, before: self.life / 2, after: 0, absolute: self.absolute }
    }

    /// Starts a session of one token and gives its number and token response.
    pub fn first_token(&mut self, at: i64, instance: usize) -> (usize, String) {
        let now = self.instances[instance].clock(at);
        let session = self.sessions;
        self.sessions += 1;
        self.held.ends.insert(session, (seconds(at), seconds(at) + self.absolute));
        let mut claims = Writer::new();
        claims.string("sub", "ada").string("sid", &[HANDLE, &name(session)].join("."));
        claims.string("jti", &format!("{session:016}")).int("iat", now);
        claims.int("exp", now + self.life);
        let claims = self.renewal().begin(&claims.finish(), now);
        let members = Object::parse(claims.as_bytes()).unwrap_or_default();
        (session, response(&signed(&claims), &members, now))
    }

    /// What the answer to a request with this token brings along.
    fn renewed(&self, token: &str, at: i64, instance: usize) -> Option<String> {
        let claims = claims(token)?;
        let members = Object::parse(&claims)?;
        let read = AccessToken::read(&members).ok()?;
        let now = self.instances[instance].clock(at);
        self.renewal().renew(&members, &read, now).ok()?.map(|claims| signed(&claims))
    }
}

/// What such a token says of itself.
pub fn minted(token: &str) -> Option<Minted> {
    let read = AccessToken::read(&Object::parse(&claims(token)?)?).ok()?;
    let session = usize::from_str_radix(&read.session, 8).ok()?;
    let [at, end] = [read.iat, read.exp].map(|it| (it - EPOCH) * SECOND);
    Some(Minted { session, at, end, iat: read.iat, permissions: 0 })
}

fn signed(claims: &str) -> String {
    ["e30", &base64url::encode(claims.as_bytes()), "AA"].join(".")
}

fn claims(token: &str) -> Option<Vec<u8>> {
    base64url::decode(token.split('.').nth(1)?)
}

impl World {
    /// An API has taken a token, and may send its successor with the answer.
    pub fn pass_along(&mut self, Request { tab, life, token, stamp, .. }: &Request) {
        let device = self.tabs[*tab].device;
        let instance = self.devices[device].dice.below(3);
        let Some(token) = self.server.renewed(token, self.at, instance) else { return };
        if self.fails(device, Fault::AnswerLost, 0.05) {
            return;
        }
        let delay = self.devices[device].dice.between(5, 60);
        let word = Word::Passed { used: *stamp, token };
        self.after(delay, Event::Word { tab: *tab, life: *life, word });
    }

    pub fn passed(&mut self, tab: usize, used: Stamp, token: String) {
        self.had(&token);
        let entropy = self.entropy(self.tabs[tab].device);
        self.feed(tab, Input::Passed { used, token: Token::new(token), entropy });
    }

    /// A page gets a token: until its end the session is to last.
    pub fn had(&mut self, token: &str) {
        if let Some(Minted { session, end, .. }) = minted(token) {
            let it = &mut self.sessions[session];
            it.token_end = Some(it.token_end.map_or(end, |known| known.max(end)));
        }
    }

    /// A session of one token is over, and what befell the device since it began may be why: the end of each token is
    /// counted from that of the last one, so that a clock that was set is remembered.
    pub fn explain(&mut self, device: usize, session: usize) {
        let it = &mut self.sessions[session];
        let since = |at: Option<i64>| at.is_some_and(|at| at >= it.started);
        if it.token_end.is_some() {
            it.slept |= since(self.devices[device].jumped_at);
            it.rolled_back |= since(self.devices[device].cut_at);
        }
    }
}
