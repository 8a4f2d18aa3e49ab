//! Revocation: a refresh token takes its session with it, an access token only itself ([RFC 7009]).
//!
//! Tokens that are unknown, over or another client's are no error: what was asked for is already so.
//!
//! [RFC 7009]: https://www.rfc-editor.org/rfc/rfc7009

use super::desk::{Desk, Event};
use super::failure::Failure;
use super::settings::Settings;
use super::verifier::{Audience, Verified, verified};
use crate::core::account::access::AccessToken;
use crate::core::account::clients::Caller;
use crate::core::account::codec::{self, RefreshToken};
use crate::core::account::record::{Account, Ending};
use crate::core::account::refusal::Refusal;
use crate::core::error::Error;

impl Desk {
    /// Revokes a token for the application, which may revoke any.
    pub(super) async fn revoke(&self, token: &str) -> Result<(), Failure> {
        named("token", token)?;
        self.refuse_carried(token)?;
        let Ok(parsed) = RefreshToken::parse(token) else {
            return self.revoke_access_token(token, None).await;
        };
        match self.genuine(&parsed).await? {
            true => self.end(parsed.handle(), parsed.session()).await,
            false => Ok(()),
        }
    }

    /// Revokes a token for a client, which may revoke its own.
    ///
    /// Fails as invalid where a refresh token is not what we made for it: the store is not asked then.
    pub(super) async fn revoke_for(&self, token: &str, caller: Caller) -> Result<(), Failure> {
        self.refuse_carried(token)?;
        let Ok(parsed) = RefreshToken::parse(token) else {
            return self.revoke_access_token(token, caller.id.as_deref()).await;
        };
        self.settings().secrets.check(&parsed, &caller.named()?)?;
        self.end(parsed.handle(), parsed.session()).await
    }

    /// Says so where a token of ours is good until its end, whatever anybody wants.
    fn refuse_carried(&self, token: &str) -> Result<(), Error> {
        let Settings { secrets, issuer, stateless, store, .. } = self.settings();
        let is_ours = stateless.is_some() && secrets.open(token, issuer).is_ok();
        if is_ours { store.required() } else { Ok(()) }
    }

    /// Ends a session by its `sid`.
    pub(super) async fn revoke_session(&self, sid: &str) -> Result<(), Failure> {
        named("sessionId", sid)?;
        match codec::split_sid(sid) {
            Some((handle, session)) => self.end(handle, session).await,
            None => Ok(()),
        }
    }

    /// Whether we made this token, for whatever client.
    async fn genuine(&self, token: &RefreshToken) -> Result<bool, Failure> {
        let Settings { clients, secrets, store, .. } = self.settings();
        let found;
        let mut candidates: Vec<&str> =
            clients.known.iter().flatten().map(|client| &*client.id).collect();
        if clients.known.is_none() {
            // Nobody said whose it is, so the seal can be checked only with what the record says.
            (found, _) = store.read(token.handle()).await?.into_parts();
            let session = found.as_ref().and_then(|account| account.session(token.session()));
            candidates.extend(session.map(|session| &*session.client));
        }
        for client in candidates {
            match secrets.check(token, client) {
                Err(Refusal::Invalid) => {}
                answer => return Ok(answer.map(|()| true)?),
            }
        }
        Ok(false)
    }

    async fn revoke_access_token(&self, token: &str, client: Option<&str>) -> Result<(), Failure> {
        let now = self.settings().now()?;
        let renews = self.settings().renewal.is_some();
        let audience = if renews { Audience::Late } else { Audience::Any };
        let Some(Verified { claims, token }) = verified(self.settings(), token, audience).await?
        else {
            return Ok(());
        };
        if client.is_some_and(|client| claims.string("client_id").as_deref() != Some(client)) {
            return Ok(());
        }
        let AccessToken { handle, session, .. } = &token;
        if renews {
            // Its successors may be out already.
            return self.end(handle, session).await;
        }
        let deny = &mut |account: &mut Account| account.deny(&token, now);
        if let Some(account) = self.change(handle, None, deny).await? {
            let event = Event { handle, session, client, generation: None };
            self.tell("revoked", &account.subject, &event, now);
        }
        Ok(())
    }

    pub(super) async fn end(&self, handle: &str, session: &str) -> Result<(), Failure> {
        let now = self.settings().now()?;
        let mut client = None;
        let end = &mut |account: &mut Account| {
            client = account.session(session).map(|session| session.client.clone());
            account.end(session, Ending::Revoked, now)
        };
        if let Some(account) = self.change(handle, None, end).await? {
            let event = Event { handle, session, client: client.as_deref(), generation: None };
            self.tell("revoked", &account.subject, &event, now);
        }
        Ok(())
    }
}

/// Whoever passes on nothing by mistake must not believe that something was ended.
fn named(argument: &'static str, text: &str) -> Result<(), Error> {
    if text.is_empty() {
        return Err(Error::option(argument, "this must be a string, and not empty"));
    }
    Ok(())
}
