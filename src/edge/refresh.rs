//! A refresh: open the token, read once, decide, write once, and only then make the answer.

use wasm_bindgen::JsValue;

use super::desk::{Desk, Event, Tokens, Way};
use super::failure::Failure;
use super::settings::Settings;
use super::sign_in::device;
use super::store::Rounds;
use crate::core::account::attempt::Attempt;
use crate::core::account::claims::narrowed;
use crate::core::account::codec::{MAX_CLIENT, RefreshToken};
use crate::core::account::cookie::Jar;
use crate::core::account::decide::{Ask, Verdict, decide};
use crate::core::account::record::Account;
use crate::core::account::refusal::Refusal;
use crate::core::account::session::Device;
use crate::core::error::Error;
use crate::shell::host::random;
use crate::shell::options::Options;

/// What is asked for.
#[derive(Default)]
pub(super) struct Request {
    pub(super) token: String,
    pub(super) client: String,
    pub(super) attempt: Option<String>,
    pub(super) scope: Option<String>,
    pub(super) device: Device,
    /// The cookies that the token came in, if it did.
    pub(super) jar: Option<Jar>,
}

impl Request {
    /// Reads the second argument of `refresh()`.
    pub(super) fn read(token: String, context: &JsValue) -> Result<Self, Error> {
        let context = Options::new(context, &["clientId", "attempt", "scope", "device"])?;
        let client = context.string("clientId")?.ok_or_else(|| {
            context.wrong("clientId", "a refresh needs the id of the client that asks")
        })?;
        let attempt = context.parameter("attempt")?;
        let scope = context.parameter("scope")?;
        Ok(Self { token, client, attempt, scope, device: device(&context)?, jar: None })
    }
}

impl Desk {
    /// Gives the successor of a refresh token.
    pub(super) async fn refresh(&self, mut request: Request) -> Result<Tokens, Failure> {
        let one_token = self.settings().renewal.is_some();
        if one_token
            || request.client.len() > MAX_CLIENT
            || !self.settings().clients.allow(&request.client)
        {
            return Err(Refusal::Invalid.into());
        }
        let (token, mut carried) = self.presented(&request.token, &request.client)?;
        let cookies = self.settings().cookies.as_ref().filter(|_| request.jar.is_some());
        if let Some(jar) = request.jar.take() {
            request.attempt = jar.attempt(token.generation(), request.attempt);
        }
        // Drawn once for the request, so that a second round knows the first.
        let mut attempt = Attempt::new(token.session(), request.attempt.as_deref(), random()?)?;
        if let Some(given) = request.attempt.as_ref().filter(|_| cookies.is_some())
            && let Some(twins) = self.settings().secrets.twins(&token, given)
        {
            attempt = attempt.with_twins(token.session(), &twins);
        }
        let mut rounds = Rounds::default();
        let mut suspicious = false;
        loop {
            let (account, version) = self.account_of(&token, carried.take()).await?;
            let mut account = account.ok_or(Refusal::Unknown)?;
            let ask = Ask {
                token: &token,
                client: &request.client,
                attempt,
                cookie: cookies.is_some(),
                grace: self.settings().clients.lifetimes(&request.client).grace,
                now: self.settings().now()?,
            };
            let verdict = decide(&account, &ask);
            if verdict.writes(&account, token.session()) {
                self.perform(&mut account, &verdict, &ask, &request).await?;
                let written =
                    self.commit(token.handle(), &version, &mut account, token.session()).await;
                if !matches!(written, Ok(true)) {
                    suspicious |= verdict == Verdict::Reuse;
                    if suspicious && written.is_err() {
                        // It may have come through, and then nobody sees it again.
                        self.tell_verdict(&account, &verdict, &ask);
                    }
                    written?;
                    rounds.lost().await?;
                    continue;
                }
            }
            // The alarm is raised although the answer to the write that ended the session was lost.
            let ended = suspicious && verdict == Verdict::Refuse(Refusal::Reuse);
            let verdict = if ended { Verdict::Reuse } else { verdict };
            self.tell_verdict(&account, &verdict, &ask);
            if let Some(refusal) = verdict.refusal() {
                return Err(refusal.into());
            }
            let session = account.session(token.session()).ok_or(Refusal::Unknown)?;
            let way = cookies.map_or(Way::Body, |cookies| Way::Cookies {
                cookies,
                period: verdict.agrees().then(|| ask.period()),
            });
            return self.answer(token.handle(), &account, session, way).await;
        }
    }

    /// A refresh token that we made for this client, with its account where it carries that: whose
    /// it is then stands in there.
    pub(super) fn presented(
        &self,
        token: &str,
        client: &str,
    ) -> Result<(RefreshToken, Option<Account>), Refusal> {
        let Settings { secrets, issuer, stateless, .. } = self.settings();
        if stateless.is_some() {
            return secrets.open(token, issuer).map(|(token, account)| (token, Some(account)));
        }
        let token = RefreshToken::parse(token)?;
        secrets.check(&token, client).map(|()| (token, None))
    }

    /// The account of a token, from where it is kept, and its version there.
    pub(super) async fn account_of(
        &self,
        token: &RefreshToken,
        carried: Option<Account>,
    ) -> Result<(Option<Account>, JsValue), Failure> {
        match carried {
            Some(account) => Ok((Some(account), JsValue::NULL)),
            None => Ok(self.settings().store.read(token.handle()).await?.into_parts()),
        }
    }

    async fn perform(
        &self,
        account: &mut Account,
        verdict: &Verdict,
        ask: &Ask<'_>,
        request: &Request,
    ) -> Result<(), Failure> {
        if !matches!(verdict, Verdict::Rotate { .. }) {
            account.settle(verdict, ask);
            return Ok(());
        }
        account.renew(ask.token.session(), request.device.clone());
        let session = account.session(ask.token.session()).ok_or(Refusal::Unknown)?;
        let scope = narrowed(session.grant.scope.as_deref(), request.scope.as_deref())?;
        let access = self.terms(ask.token.handle(), account, session, scope, ask.now).await?;
        account.rotate(ask, access);
        Ok(())
    }

    fn tell_verdict(&self, account: &Account, verdict: &Verdict, ask: &Ask<'_>) {
        let session = account.session(ask.token.session());
        let generation =
            session.map_or_else(|| ask.token.generation(), |session| session.generation);
        let event = Event {
            handle: ask.token.handle(),
            session: ask.token.session(),
            client: Some(ask.client),
            generation: Some(generation),
        };
        for kind in verdict.events() {
            self.tell(kind, &account.subject, &event, ask.now);
        }
    }
}
