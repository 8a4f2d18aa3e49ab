//! The endpoints over HTTP: requests in, responses out.

use std::cell::RefCell;

use js_sys::{Function, JsString};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Request, ResponseInit, Url};

use super::account;
use super::desk::Desk;
use super::failure::Failure;
use super::issuer::{jwks, metadata};
use super::refresh;
use super::store::member;
use super::transport::{header, own};
use crate::core::account::clients::{Caller, refused};
use crate::core::account::codec::RefreshToken;
use crate::core::account::endpoint::{Endpoint, share};
use crate::core::account::form::Form;
use crate::core::account::http::{MAX_BODY, Response, TokenRequest, device, form, token};
use crate::core::account::refusal::{Refusal, Wire};
use crate::core::account::throttle::Throttle;
use crate::core::error::Error;

/// Takes what has the form of a `Request`; runtimes and their libraries have classes of their own.
pub(super) fn request(given: JsValue) -> Result<Request, Error> {
    let is_one = member(&given, "url").is_string()
        && member(&given, "method").is_string()
        && member(&given, "headers").is_object()
        && member(&given, "text").is_function();
    if is_one {
        return Ok(given.unchecked_into());
    }
    Err(Error::option("request", "this must be a Request"))
}

/// The same, with all of its body.
pub(super) fn unread(given: JsValue) -> Result<Request, Error> {
    let request = request(given)?;
    if request.body_used() {
        return Err(Error::option("request", "handle takes a Request whose body was not read yet"));
    }
    Ok(request)
}

/// What the runtime says about a request that the request itself does not.
struct Context {
    ip: Option<String>,
    wait_until: Option<Function>,
}

impl Context {
    /// Reads what there is; runtimes have more in theirs.
    fn read(given: &JsValue) -> Self {
        let wait_until = member(given, "waitUntil").dyn_into::<Function>().ok();
        Self {
            ip: member(given, "ip").as_string().filter(|ip| !ip.is_empty()),
            wait_until: wait_until.map(|function| function.bind0(given)),
        }
    }
}

/// Answers a request, or gives `undefined` where it is for somebody else.
///
/// Rejects where the server itself is wrong: that is the application's to see and to answer.
pub(super) async fn handle(
    desk: &Desk,
    request: &Request,
    context: &JsValue,
) -> Result<JsValue, Failure> {
    let path = Url::new(&request.url())?.pathname();
    let Some((endpoint, session)) = desk.settings().paths.endpoint(&path) else {
        return Ok(JsValue::UNDEFINED);
    };
    let Context { ip, wait_until } = Context::read(context);
    let desk = desk.during(wait_until);
    let origins = &desk.settings().origins;
    let mut response = if request.method() == "OPTIONS" && !origins.is_empty() {
        endpoint.preflight()
    } else {
        let answered = answer(&desk, (endpoint, session), request, ip.as_deref()).await;
        let wrong = is_wrong(endpoint, &answered);
        let response = match answered {
            Ok(response) => response,
            // Nobody is told that there was nothing to revoke (RFC 7009, section 2.2).
            Err(_) if wrong && endpoint == Endpoint::Revoke => Response::done(),
            Err(failure) => {
                let ends = failure.error().and_then(Wire::of).is_some_and(Wire::ends);
                let response = failure.error().and_then(Response::error).ok_or(failure)?;
                response.with_cookies(desk.settings().cleared(ends))
            }
        };
        match throttled(&desk, ip.as_deref().filter(|_| wrong))? {
            Some(refused) => refused,
            None => response,
        }
    };
    share(&mut response, origins, header(request, "origin")?.as_deref());
    Ok(sent(&response, None)?)
}

/// Whether somebody sent a refresh token that nobody here made, or a client did not prove who it is.
fn is_wrong(endpoint: Endpoint, answered: &Result<Response, Failure>) -> bool {
    match answered {
        // Users whose access token is over do nothing wrong.
        Ok(response) => {
            response.status == 401 && !matches!(endpoint, Endpoint::Sessions | Endpoint::Session)
        }
        Err(failure) => failure.error() == Some(&Refusal::Invalid.error()),
    }
}

/// Counts something wrong from a peer; what is right is never refused for it.
fn throttled(desk: &Desk, peer: Option<&str>) -> Result<Option<Response>, JsValue> {
    let Some(peer) = peer else { return Ok(None) };
    let now = desk.settings().now()?;
    let Err(throttled) = THROTTLE.with_borrow_mut(|throttle| throttle.count(peer, now)) else {
        return Ok(None);
    };
    if throttled.first {
        desk.tell_at_large("throttled", now);
    }
    Ok(Some(Response::throttled(throttled.retry_after)))
}

thread_local! {
    /// Of the isolate and not of an issuer: those are made anew for each request.
    static THROTTLE: RefCell<Throttle> = const { RefCell::new(Throttle::new()) };
}

async fn answer(
    desk: &Desk,
    (endpoint, session): (Endpoint, &str),
    request: &Request,
    ip: Option<&str>,
) -> Result<Response, Failure> {
    if let Err(refused) = endpoint.allow(&request.method()) {
        return Ok(refused);
    }
    match endpoint {
        Endpoint::Jwks => Ok(Response::public(jwks(desk.settings()))),
        Endpoint::Metadata => Ok(Response::public(metadata(desk.settings()))),
        Endpoint::Sessions | Endpoint::Session => account::answer(desk, session, request).await,
        Endpoint::Token | Endpoint::Revoke | Endpoint::Introspect => {
            let relies = endpoint != Endpoint::Introspect && desk.settings().cookies.is_some();
            if relies && !own(request)? {
                return Ok(Response::foreign());
            }
            match posted(desk, request).await? {
                Ok((form, caller)) => act(desk, endpoint, request, form, caller, ip).await,
                Err(refused) => Ok(refused),
            }
        }
    }
}

/// The form of a request, and the client that sends it.
async fn posted(
    desk: &Desk,
    request: &Request,
) -> Result<Result<(Form, Caller), Response>, JsValue> {
    let length = header(request, "content-length")?;
    if length.and_then(|length| length.parse().ok()).is_some_and(|length: u64| length > MAX_BODY) {
        return Ok(Err(Response::too_large()));
    }
    let Ok(body) = JsFuture::from(request.text()?).await else {
        return Ok(Err(Response::cut_off()));
    };
    let body: JsString = body.unchecked_into();
    // Not every request says its length, and what does not fit into the wasm would end it.
    if u64::from(body.length()) > MAX_BODY {
        return Ok(Err(Response::too_large()));
    }
    let (content_type, authorization) =
        (header(request, "content-type")?, header(request, "authorization")?);
    Ok(form(content_type.as_deref(), &String::from(body)).and_then(|mut form| {
        let clients = &desk.settings().clients;
        let caller = clients.authenticate(authorization.as_deref(), &mut form)?;
        Ok((form, caller))
    }))
}

async fn act(
    desk: &Desk,
    endpoint: Endpoint,
    request: &Request,
    mut form: Form,
    caller: Caller,
    ip: Option<&str>,
) -> Result<Response, Failure> {
    let mut jar = desk.settings().jar(request)?;
    if endpoint == Endpoint::Token {
        let asked = match TokenRequest::read(&mut form, jar.is_some()) {
            Ok(asked) => asked,
            Err(refused) => return Ok(refused),
        };
        let TokenRequest { refresh_token, attempt, scope } = asked;
        let (token, client) = match (&mut jar, refresh_token) {
            (Some(jar), _) => match jar.take(&caller, &desk.settings().clients) {
                Ok(held) => held.ok_or(Refusal::Unknown)?,
                Err(refused) => return Ok(refused),
            },
            (None, token) => (token.unwrap_or_default(), caller.named()?),
        };
        let device = device(header(request, "user-agent")?, ip.map(String::from));
        let asked = refresh::Request { token, client, attempt, scope, device, jar };
        let tokens = desk.refresh(asked).await?;
        return Ok(Response::private(tokens.body).with_cookies(tokens.cookies));
    }
    if endpoint == Endpoint::Introspect && !caller.confidential {
        return Ok(refused());
    }
    let token = match (token(&mut form), &mut jar) {
        (Ok(token), Some(_))
            if endpoint == Endpoint::Revoke && RefreshToken::parse(&token).is_ok() =>
        {
            return Ok(Response::exposed());
        }
        (Ok(token), _) => token,
        (Err(_), Some(jar)) if endpoint == Endpoint::Revoke => {
            match jar.take(&caller, &desk.settings().clients) {
                Ok(Some((token, client))) => desk.end_sealed(&token, &client).await?,
                Ok(None) => {}
                Err(refused) => return Ok(refused),
            }
            return Ok(Response::done().with_cookies(desk.settings().cleared(true)));
        }
        (Err(refused), _) => return Ok(refused),
    };
    if endpoint == Endpoint::Introspect {
        return desk.introspect(&token, &caller.named()?).await.map(Response::private);
    }
    desk.revoke_for(&token, caller).await.map(|()| Response::done())
}

/// The response as the host has it, perhaps with a status and headers of the application's own.
pub(super) fn sent(response: &Response, own: Option<&ResponseInit>) -> Result<JsValue, JsValue> {
    let status = ResponseInit::new();
    status.set_status(response.status);
    let init = own.unwrap_or(&status);
    let sent = web_sys::Response::new_with_opt_str_and_init(response.body.as_deref(), init)?;
    let headers = sent.headers();
    for (name, value) in &response.headers {
        if *name == "set-cookie" {
            headers.append(name, value)?;
        } else {
            headers.set(name, value)?;
        }
    }
    Ok(sent.into())
}
