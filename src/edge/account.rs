//! The endpoint where users see their sessions and end them, with an access token ([RFC 6750]).
//!
//! [RFC 6750]: https://www.rfc-editor.org/rfc/rfc6750

use web_sys::{Request, Url, UrlSearchParams};

use super::desk::Desk;
use super::failure::Failure;
use super::transport::{header, is_safe, own};
use super::verifier::{Audience, Verified, verified};
use crate::core::account::clients::scheme;
use crate::core::account::codec;
use crate::core::account::http::Response;
use crate::core::error::{Code, Error};

/// Answers for the subject of the request's access token.
pub(super) async fn answer(
    desk: &Desk,
    session: &str,
    request: &Request,
) -> Result<Response, Failure> {
    let authorization = header(request, "authorization")?;
    let bearer = authorization.as_deref().and_then(|value| scheme(value, "bearer"));
    let is_own = desk.settings().cookies.is_some() && own(request)?;
    let jar = desk.settings().jar(request)?.filter(|_| is_safe(request) || is_own);
    let cookie = jar.as_ref().and_then(|jar| jar.access.as_deref());
    let Some(token) = bearer.or(cookie) else { return Ok(Response::unauthorized(None)) };
    let Some(Verified { token, .. }) = verified(desk.settings(), token, Audience::Any).await?
    else {
        return Ok(Response::unauthorized(Some(&NOT_OURS)));
    };
    let (account, _) = desk.settings().store.read(&token.handle).await?.into_parts();
    if let Err(error) = token.check_session(account.as_ref(), desk.settings().now()?) {
        return Ok(Response::unauthorized(Some(&error)));
    }
    if request.method() == "GET" {
        let list =
            account.map(|account| desk.listed(&token.handle, &account, Some(&token.session)));
        return Ok(Response::private(list.transpose()?.unwrap_or_default()));
    }
    if !session.is_empty() {
        // A session of somebody else is none that this user knows.
        if let Some((handle, session)) = codec::split_sid(session)
            && handle == token.handle
        {
            desk.end(handle, session).await?;
            let is_over = is_own && session == token.session;
            return Ok(Response::gone().with_cookies(desk.settings().cleared(is_over)));
        }
        return Ok(Response::gone());
    }
    let query = UrlSearchParams::new_with_str(&Url::new(&request.url())?.search())?;
    let except = match query.get("except").as_deref() {
        None => None,
        Some("current") => Some(&*token.session),
        // Whoever misspells what to keep would be signed out.
        Some(_) => return Ok(Response::misspelt()),
    };
    desk.sign_out(&token.handle, None, except).await?;
    let is_over = is_own && except.is_none();
    Ok(Response::gone().with_cookies(desk.settings().cleared(is_over)))
}

const NOT_OURS: Error =
    Error::new(Code::JwtInvalid, "the access token is not one of ours, or it is over; refresh it");
