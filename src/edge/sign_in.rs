//! A sign-in: a new session in the subject's account, and its first tokens.

use wasm_bindgen::JsValue;

use super::desk::{Desk, Event, Tokens, Way};
use super::failure::Failure;
use super::settings::Settings;
use super::store::Rounds;
use crate::core::account::claims;
use crate::core::account::codec::{self, MAX_CLIENT};
use crate::core::account::record::{Account, SIGNED_OUT, SignIn};
use crate::core::account::refusal::Refusal;
use crate::core::account::session::{Access, Device, Granted, Proof};
use crate::core::error::Error;
use crate::shell::host::random;
use crate::shell::options::Options;

/// The longest subject, in bytes (OpenID Connect Core 1.0, section 2).
pub(super) const MAX_SUBJECT: usize = 255;

/// The argument of `issue()`.
struct Grant {
    subject: String,
    client: String,
    granted: Granted,
}

impl Grant {
    fn read(
        grant: &JsValue,
        user_agent: Option<String>,
        settings: &Settings,
    ) -> Result<Self, Failure> {
        let known = ["subject", "clientId", "scope", "claims", "device", "authTime", "acr", "amr"];
        let grant = Options::new(grant, &known)?;
        let required = |name: &'static str, longest| {
            let text = grant.string(name)?.filter(|text| text.len() <= longest);
            text.ok_or_else(|| grant.wrong(name, "a grant needs this, in at most 255 bytes"))
        };
        let subject = required("subject", MAX_SUBJECT)?;
        let client = required("clientId", MAX_CLIENT)?;
        let own = settings.clients.find(&client);
        if own.is_none() && !settings.clients.allow(&client) {
            return Err(grant.wrong("clientId", "this is none of the option clients").into());
        }
        let own = own.map_or(&[][..], |own| &own.audience);
        let audience = if own.is_empty() { &settings.audience } else { own };
        let kept = grant.json("claims")?.unwrap_or_else(|| String::from("{}"));
        claims::check(&kept, "", "claims")?;
        let kept = match settings.renewal {
            Some(renewal) => renewal.begin(&kept, settings.now()?),
            None => kept,
        };
        let mut proof = Proof::default();
        Evidence::read(&grant)?.at(settings.now()?).add_to(&mut proof);
        let mut device = device(&grant)?;
        device.user_agent = device.user_agent.or(user_agent);
        let granted = Granted {
            proof,
            scope: grant.string("scope")?,
            audience: audience.to_vec(),
            claims: kept,
            device,
        };
        Ok(Self { subject, client, granted: granted.bounded(settings.now()?)? })
    }
}

/// What a grant, or a step-up, says about how the user proved who they are.
#[derive(Clone)]
pub(super) struct Evidence {
    auth_time: Option<i64>,
    acr: Option<String>,
    amr: Option<Vec<String>>,
}

impl Evidence {
    pub(super) fn read(options: &Options) -> Result<Self, Error> {
        #[allow(clippy::cast_possible_truncation, reason = "saturates")]
        let auth_time = options.number("authTime", 0.0, f64::MAX)?.map(|time| time as i64);
        Ok(Self { auth_time, acr: options.string("acr")?, amr: options.list("amr")? })
    }

    /// Given now, where nobody says when.
    pub(super) fn at(mut self, now: i64) -> Self {
        self.auth_time.get_or_insert(now);
        self
    }

    /// What is said replaces what was known.
    pub(super) fn add_to(self, proof: &mut Proof) {
        proof.auth_time = self.auth_time.unwrap_or(proof.auth_time);
        proof.acr = self.acr.or_else(|| proof.acr.take());
        proof.amr = self.amr.unwrap_or_else(|| std::mem::take(&mut proof.amr));
    }
}

/// The member `device` of a grant or of what a refresh comes with.
pub(super) fn device(grant: &Options) -> Result<Device, Error> {
    let Some(device) = grant.nested("device", &["label", "userAgent", "ip"])? else {
        return Ok(Device::default());
    };
    // A request without such a header gives an empty text as easily as none.
    let text = |name| device.value(name).and_then(|value| value.as_string());
    Ok(Device { label: text("label"), user_agent: text("userAgent"), ip: text("ip") })
}

impl Desk {
    /// Starts a session, and gives its first tokens.
    pub(super) async fn issue(
        &self,
        grant: &JsValue,
        way: Way<'_>,
        user_agent: Option<String>,
    ) -> Result<Tokens, Failure> {
        let settings = self.settings();
        let grant = Grant::read(grant, user_agent, settings)?;
        let lifetimes = settings.clients.lifetimes(&grant.client);
        let handle = codec::handle(&settings.issuer, &grant.subject);
        let id = codec::session_id(random()?);
        let mut rounds = Rounds::default();
        let mut evicted = Vec::new();
        let mut sign_outs = None;
        loop {
            let now = settings.now()?;
            let (account, version) = match settings.store.is_there() {
                true => settings.store.read(&handle).await?.into_parts(),
                false => (None, JsValue::NULL),
            };
            let mut account = account.unwrap_or_else(|| Account::new(grant.subject.clone()));
            // Whoever ended all sessions meanwhile meant this one too.
            if *sign_outs.get_or_insert(account.sign_outs) != account.sign_outs {
                return Err(SIGNED_OUT.into());
            }
            // A write whose answer was lost may have come through, and must not come twice.
            let is_written = account.session(&id).is_some() || account.tombstone(&id).is_some();
            if !is_written {
                let mut sign_in = SignIn {
                    id: id.clone(),
                    client: grant.client.clone(),
                    grant: grant.granted.clone(),
                    idle_ttl: lifetimes.idle,
                    absolute_ttl: lifetimes.absolute,
                    access: Access::default(),
                };
                sign_in.access = self.first_terms(&handle, &account, &sign_in, now).await?;
                evicted = account.sign_in(sign_in, settings.limit, now)?;
                if !self.commit(&handle, &version, &mut account, &id).await? {
                    rounds.lost().await?;
                    continue;
                }
            }
            let session = account.session(&id).ok_or(Refusal::Revoked)?;
            self.tell_sign_in(&handle, &account, &id, &grant.client, &evicted, now);
            return self.answer(&handle, &account, session, way).await;
        }
    }

    /// The callback sees the session as it will be, before it is.
    async fn first_terms(
        &self,
        handle: &str,
        account: &Account,
        sign_in: &SignIn,
        now: i64,
    ) -> Result<Access, Failure> {
        let mut draft = account.clone();
        draft.sign_in(sign_in.clone(), self.settings().limit, now)?;
        let session = draft.session(&sign_in.id).ok_or(Refusal::Unknown)?;
        self.terms(handle, &draft, session, session.grant.scope.clone(), now).await
    }

    fn tell_sign_in(
        &self,
        handle: &str,
        account: &Account,
        session: &str,
        client: &str,
        evicted: &[String],
        now: i64,
    ) {
        self.tell_evicted(handle, account, evicted, now);
        let event = Event { handle, session, client: Some(client), generation: Some(1) };
        self.tell("issued", &account.subject, &event, now);
    }
}
