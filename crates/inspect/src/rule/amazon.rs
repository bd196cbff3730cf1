//! Amazon Echo, and what else runs Fire OS.
//!
//! Source: names and ports of Echo Dots in published captures; BehavIoT's tables of idle periods.

use super::{Ecosystem::Amazon, Rule, When, rule};
use crate::evidence::Kind;

pub(super) const RULES: &[Rule] = &[
    rule(When::Is(Kind::Port, "TCP 55443"), Amazon, 3, 4, "answers on an Echo's port"),
    rule(When::Is(Kind::Port, "TCP 55442"), Amazon, 3, 4, "answers on an Echo's port"),
    rule(When::Is(Kind::Port, "UDP 55444"), Amazon, 3, 3, "keeps time with other Echos"),
    rule(When::Begins(Kind::DhcpHost, "amazon-"), Amazon, 3, 1, "host name of an Amazon device"),
    rule(When::Begins(Kind::DhcpHost, "echo"), Amazon, 2, 4, "host name of an Echo"),
    rule(When::Is(Kind::MdnsAnnounced, "_amzn-wplay._tcp"), Amazon, 4, 1, "offers Amazon's casting"),
    rule(When::Is(Kind::MdnsAnnounced, "_amzn-alexa._tcp"), Amazon, 4, 5, "offers Alexa"),
    rule(When::Begins(Kind::Model, "Echo"), Amazon, 4, 10, "names itself an Echo"),
    rule(When::Has(Kind::SsdpServer, "Echo"), Amazon, 2, 3, "announces itself as an Echo"),
    rule(When::Begins(Kind::DnsQuery, "avs-alexa"), Amazon, 4, 5, "talks to Alexa's voice service"),
    rule(When::Begins(Kind::TlsName, "avs-alexa"), Amazon, 4, 5, "talks to Alexa's voice service"),
    rule(When::Reaches("api.amazonalexa.com"), Amazon, 3, 3, "talks to Alexa"),
    rule(When::Reaches("gateway.devices.a2z.com"), Amazon, 3, 3, "talks to Alexa's gateway"),
    rule(When::Reaches("bob-dispatch-prod-na.amazon.com"), Amazon, 3, 4, "talks to Alexa's voice service"),
    rule(When::Reaches("bob-dispatch-prod-eu.amazon.com"), Amazon, 3, 4, "talks to Alexa's voice service"),
    rule(When::Reaches("acsechocaptiveportal.com"), Amazon, 4, 4, "checks its connection as an Echo"),
    rule(When::Reaches("fos5echocaptiveportal.com"), Amazon, 4, 4, "checks its connection as an Echo"),
    rule(When::Reaches("fireoscaptiveportal.com"), Amazon, 4, 1, "checks its connection as Fire OS"),
    rule(When::Reaches("prod.amcs-tachyon.com"), Amazon, 3, 2, "an Echo's messages"),
    rule(When::Reaches("amazon-dss.com"), Amazon, 3, 1, "an Amazon device's service"),
    rule(When::Reaches("device-metrics-us.amazon.com"), Amazon, 3, 1, "an Amazon device's telemetry"),
    rule(When::Reaches("device-metrics-us-2.amazon.com"), Amazon, 3, 1, "an Amazon device's telemetry"),
    rule(When::Reaches("ntp-g7g.amazon.com"), Amazon, 3, 1, "an Amazon device's clock"),
    rule(When::Reaches("amazon.com"), Amazon, 1, 0, "reaches Amazon"),
    rule(When::Every("prod.amcs-tachyon.com", 85.0, 97.0), Amazon, 2, 2, "an Echo's rhythm"),
    rule(When::Every("captiveportal.com", 280.0, 320.0), Amazon, 2, 1, "an Amazon device's rhythm"),
    rule(When::Every("avs-alexa", 25.0, 35.0), Amazon, 2, 2, "keeps Alexa's channel"),
];
