//! What every request must bring before anything is looked at.

use super::refusal::Refusal;
use super::request::Request;
use super::rights::Rights;

/// The facts of a request's headers, and what its token lets it do.
#[derive(Debug)]
pub(super) struct Caller<'a> {
    request: &'a Request,
    rights: Rights<'a>,
}

impl<'a> Caller<'a> {
    /// Refuses a caller that speaks another version of the protocol, or names fingerprints that are none.
    pub(super) fn of(request: &'a Request, rights: Rights<'a>) -> Result<Self, Refusal> {
        let is_protocol = request.header("x-physio-protocol").is_none_or(|version| version == "1");
        let is_fingerprint = |name: &str| request.header(name).is_none_or(is_hex32);
        if is_protocol && is_fingerprint("x-physio-fingerprint") && is_fingerprint("x-physio-known") {
            Ok(Self { request, rights })
        } else {
            Err(Refusal::of("bad_request"))
        }
    }

    pub(super) fn rights(&self) -> Rights<'a> {
        self.rights
    }

    /// The cache file's name: 32 hex digits.
    pub(super) fn device(&self) -> Result<&'a str, Refusal> {
        self.request
            .header("x-physio-device")
            .filter(|device| is_hex32(device))
            .ok_or_else(|| Refusal::of("bad_request"))
    }

    /// The fingerprint that the client was compiled with.
    pub(super) fn fingerprint(&self) -> Option<&'a str> {
        self.request.header("x-physio-fingerprint")
    }

    /// Whether the client was compiled with this very plan, or has compared its own with it.
    pub(super) fn is_acquainted(&self, own: &str) -> bool {
        self.request.header("x-physio-known").or(self.fingerprint()).is_none_or(|known| known == own)
    }

    /// Refuses rows to a client that has compared itself with another schema than the present one.
    pub(super) fn check_acquainted(&self, own: &str) -> Result<(), Refusal> {
        match self.request.header("x-physio-known") {
            Some(known) if known != own => Err(Refusal::of("schema_changed")),
            Some(_) | None => Ok(()),
        }
    }
}

pub(super) fn is_hex32(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
}
