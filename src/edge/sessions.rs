//! What the application asks and commands about a subject's sessions.

use wasm_bindgen::JsValue;

use super::desk::{Desk, Event};
use super::failure::Failure;
use super::sign_in::{Evidence, MAX_SUBJECT};
use crate::core::account::answer::Answer;
use crate::core::account::codec;
use crate::core::account::record::Account;
use crate::core::account::session::Proof;
use crate::core::error::{Code, Error};
use crate::shell::options::Options;

impl Desk {
    /// The sessions that live, as a list of SessionInfo in JSON.
    pub(super) async fn sessions(&self, subject: &str) -> Result<String, Failure> {
        let handle = self.handle_of(subject)?;
        let (account, _) = self.settings().store.read(&handle).await?.into_parts();
        let account = account.unwrap_or_else(|| Account::new(String::new()));
        self.listed(&handle, &account, None)
    }

    /// The sessions of an account, as one of them sees them.
    pub(super) fn listed(
        &self,
        handle: &str,
        account: &Account,
        current: Option<&str>,
    ) -> Result<String, Failure> {
        let now = self.settings().now()?;
        let infos = account.live(now).map(|session| {
            let issuer = &self.settings().issuer;
            let answer = Answer { issuer, handle, account, session, now };
            answer.session_info(current == Some(&*session.id))
        });
        Ok(["[", &*infos.collect::<Vec<_>>().join(","), "]"].concat())
    }

    /// Ends all sessions of a subject but one; gives how many there were.
    pub(super) async fn revoke_subject(
        &self,
        subject: &str,
        options: &JsValue,
    ) -> Result<usize, Failure> {
        let handle = self.handle_of(subject)?;
        let options = Options::new(options, &["except"])?;
        let except = options.string("except")?;
        let except = match except.as_deref().map(codec::split_sid) {
            None => None,
            Some(Some((of, session))) if of == handle => Some(session),
            // Whoever misspells the session to keep would be signed out.
            Some(_) => {
                return Err(options.wrong("except", "this is no session id of the subject").into());
            }
        };
        self.sign_out(&handle, Some(subject), except).await
    }

    /// As [`Desk::revoke_subject`], where the names are known already.
    pub(super) async fn sign_out(
        &self,
        handle: &str,
        subject: Option<&str>,
        except: Option<&str>,
    ) -> Result<usize, Failure> {
        let now = self.settings().now()?;
        let mut ended = Vec::new();
        let sign_out = &mut |account: &mut Account| {
            let clients = account.live(now).map(|it| (it.id.clone(), it.client.clone()));
            let mut clients: Vec<_> = clients.collect();
            let others = account.sign_out(except, now);
            clients.retain(|(id, _)| others.contains(id));
            // A write whose answer was lost leaves nothing to end for the next round.
            ended.retain(|known| !clients.contains(known));
            ended.append(&mut clients);
            true
        };
        if let Some(account) = self.change(handle, subject, sign_out).await? {
            for (session, client) in &ended {
                let event = Event { handle, session, client: Some(client), generation: None };
                self.tell("revoked", &account.subject, &event, now);
            }
        }
        Ok(ended.len())
    }

    /// Makes every access token of a subject stale.
    pub(super) async fn bump_permissions(&self, subject: &str) -> Result<(), Failure> {
        let bump = &mut |account: &mut Account| {
            account.bump_permissions();
            true
        };
        self.change(&self.handle_of(subject)?, Some(subject), bump).await.map(drop)
    }

    /// Notes a step-up, for the next refresh to carry.
    pub(super) async fn elevate(&self, sid: &str, options: &JsValue) -> Result<(), Failure> {
        let now = self.settings().now()?;
        let options = Options::new(options, &["acr", "amr", "authTime"])?;
        let evidence = Evidence::read(&options)?.at(now);
        let mut alone = Proof::default();
        evidence.clone().add_to(&mut alone);
        alone.check(now)?;
        let (handle, session) = codec::split_sid(sid).ok_or(ENDED)?;
        let elevate = &mut |account: &mut Account| {
            account.elevate(session, now, |proof| evidence.clone().add_to(proof))
        };
        self.change(handle, None, elevate).await?.map(drop).ok_or_else(|| ENDED.into())
    }

    fn handle_of(&self, subject: &str) -> Result<String, Error> {
        // One that nobody can sign in as would only fill the store.
        if subject.is_empty() || subject.len() > MAX_SUBJECT {
            return Err(Error::option("subject", "a subject is a string of 1 to 255 bytes"));
        }
        Ok(codec::handle(&self.settings().issuer, subject))
    }
}

const ENDED: Error =
    Error::new(Code::SessionEnded, "there is no such session, or it is over; sign in again");
