//! Google Home, Nest and what else casts.
//!
//! Source: names and rhythms of a Nest Mini and a Home Mini in published captures and in BehavIoT's
//! tables of idle periods.

use super::{Ecosystem::Google, Rule, When, rule};
use crate::evidence::Kind;

pub(super) const RULES: &[Rule] = &[
    rule(When::Is(Kind::MdnsAnnounced, "_googlecast._tcp"), Google, 4, 2, "offers Google Cast"),
    rule(When::Is(Kind::MdnsAnnounced, "_googlezone._tcp"), Google, 3, 2, "offers a Cast speaker group"),
    rule(When::Begins(Kind::Model, "Google Nest Mini"), Google, 4, 10, "names itself a Nest Mini"),
    rule(When::Begins(Kind::Model, "Google Home"), Google, 4, 10, "names itself a Google Home"),
    rule(When::Begins(Kind::Model, "Nest Audio"), Google, 4, 10, "names itself a Nest Audio"),
    rule(When::Begins(Kind::Model, "Nest Wifi point"), Google, 4, 8, "names itself a Nest Wifi point"),
    rule(When::Begins(Kind::Model, "Google Nest Hub"), Google, 4, 8, "names itself a Nest Hub"),
    rule(When::Begins(Kind::Model, "Google Cast Group"), Google, 4, 4, "leads a Cast speaker group"),
    rule(When::Begins(Kind::DhcpHost, "Google-Home"), Google, 3, 8, "host name of a Google Home"),
    rule(When::Begins(Kind::DhcpHost, "Google-Nest"), Google, 3, 6, "host name of a Nest"),
    rule(When::Begins(Kind::DhcpHost, "Nest-"), Google, 3, 4, "host name of a Nest"),
    rule(When::Is(Kind::Port, "TCP 8009"), Google, 3, 2, "answers on the Cast port"),
    rule(When::Is(Kind::Port, "TCP 8008"), Google, 2, 1, "answers on the Cast setup port"),
    rule(When::Is(Kind::Port, "TCP 10001"), Google, 1, 2, "answers on the Cast group port"),
    rule(When::Reaches("home-devices.googleapis.com"), Google, 3, 3, "registers as a Home device"),
    rule(When::Reaches("lycraservice-pa.googleapis.com"), Google, 2, 2, "a Home device's service"),
    rule(When::Reaches("geller-pa.googleapis.com"), Google, 2, 1, "the assistant's service"),
    rule(When::Reaches("embeddedassistant.googleapis.com"), Google, 3, 2, "the assistant"),
    rule(When::Reaches("assistant.googleapis.com"), Google, 2, 1, "the assistant"),
    rule(When::Reaches("assistant-s3-pa.googleapis.com"), Google, 2, 1, "the assistant"),
    rule(When::Reaches("device-provisioning.googleapis.com"), Google, 2, 1, "a device's set-up"),
    rule(When::Reaches("tools.google.com"), Google, 1, 0, "updates from Google"),
    rule(When::Reaches("connectivitycheck.gstatic.com"), Google, 1, 0, "checks its connection at Google"),
    rule(When::Reaches("googleapis.com"), Google, 1, 0, "uses Google's services"),
    rule(When::Reaches("google.com"), Google, 1, 0, "reaches Google"),
    rule(When::Begins(Kind::Quic, "Q0"), Google, 1, 0, "speaks Google's QUIC"),
    rule(When::Begins(Kind::Quic, "T05"), Google, 1, 0, "speaks Google's QUIC"),
    rule(
        When::Every("mtalk.google.com", 40.0, 50.0),
        Google,
        2,
        2,
        "keeps Google's push channel as a speaker",
    ),
    rule(When::Every("connectivitycheck.gstatic.com", 55.0, 65.0), Google, 2, 2, "a Home device's check"),
    rule(When::Every(":53 every", 60.0, 66.0), Google, 1, 1, "asks as a Home device does"),
    rule(When::Has(Kind::HttpAgent, "CrKey"), Google, 3, 1, "user agent of a Cast device"),
];
