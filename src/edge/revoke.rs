//! Revocation: a refresh token takes its session with it, an access token only itself ([RFC 7009]).
//!
//! Tokens that are unknown, over or another client's are no error: what was asked for is already so.
//!
//! [RFC 7009]: https://www.rfc-editor.org/rfc/rfc7009

use super::desk::{Desk, Event};
use super::failure::Failure;
use super::verifier::verified;
use crate::core::account::access::AccessToken;
use crate::core::account::codec::{self, RefreshToken};
use crate::core::account::record::{Account, Ending};
use crate::core::account::refusal::Refusal;

impl Desk {
    /// Revokes a token; where `client` is given, only one of its own.
    pub(super) async fn revoke(&self, token: &str, client: Option<&str>) -> Result<(), Failure> {
        match RefreshToken::parse(token) {
            Ok(token) => self.revoke_refresh_token(&token, client).await,
            Err(_) => self.revoke_access_token(token, client).await,
        }
    }

    /// Ends a session by its `sid`.
    pub(super) async fn revoke_session(&self, sid: &str) -> Result<(), Failure> {
        match codec::split_sid(sid) {
            Some((handle, session)) => self.end(handle, session).await,
            None => Ok(()),
        }
    }

    async fn revoke_refresh_token(
        &self,
        token: &RefreshToken,
        client: Option<&str>,
    ) -> Result<(), Failure> {
        let found;
        let client = match client {
            Some(client) => client,
            // Nobody said whose it is, so the seal can be checked only with what the record says.
            None => {
                let (account, _) = self.settings().store.read(token.handle()).await?.into_parts();
                found = account;
                let session = found.as_ref().and_then(|account| account.session(token.session()));
                let Some(session) = session else { return Ok(()) };
                &session.client
            }
        };
        match self.settings().secrets.check(token, client) {
            Ok(()) => self.end(token.handle(), token.session()).await,
            Err(Refusal::Invalid) => Ok(()),
            Err(refusal) => Err(refusal.into()),
        }
    }

    async fn revoke_access_token(&self, token: &str, client: Option<&str>) -> Result<(), Failure> {
        let now = self.settings().now()?;
        let Some(claims) = verified(self.settings(), token).await? else { return Ok(()) };
        if client.is_some_and(|client| claims.string("client_id").as_deref() != Some(client)) {
            return Ok(());
        }
        let Ok(token) = AccessToken::read(&claims.claims()) else { return Ok(()) };
        let AccessToken { handle, session, .. } = &token;
        let deny = &mut |account: &mut Account| account.deny(&token, now);
        if let Some(account) = self.change(handle, None, deny).await? {
            let event = Event { handle, session, client, generation: None };
            self.tell("revoked", &account.subject, &event, now);
        }
        Ok(())
    }

    async fn end(&self, handle: &str, session: &str) -> Result<(), Failure> {
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
