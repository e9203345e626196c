//! A day's trade bill (provider's documents: 申请交易账单, 下载账单): asked for with a signed call, downloaded unsigned, and
//! believed for its hash.

use super::exchange::{Request, Verdict};
use super::{WechatV3, read};
use crate::channels::http::Patience;
use crate::channels::wechat_bill;
use crate::pay::channel::{Bill, Bills, ChannelError};
use async_trait::async_trait;
use serde::Deserialize;
use sha1::{Digest, Sha1};

#[derive(Deserialize)]
struct Ticket {
    hash_type: String,
    hash_value: String,
    download_url: String,
}

/// The path and query of an address of the provider.
fn target(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    rest.find('/').map(|at| &rest[at..]).filter(|target| target.is_ascii())
}

#[async_trait]
impl Bills for WechatV3 {
    async fn bill(&self, day: &str) -> Result<Bill, ChannelError> {
        let unclear = |reason: &str| ChannelError::Unclear(format!("bill: {reason}"));
        let plain_day = day.len() == 10 && day.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        if !plain_day {
            return Err(ChannelError::Refused { code: "PARAM_ERROR".to_owned(), message: "no day".to_owned() });
        }
        let sub = self.account().sub.as_ref().map(|sub| format!("&sub_mchid={}", sub.mchid)).unwrap_or_default();
        let asked = format!("/v3/bill/tradebill?bill_date={day}&bill_type=ALL{sub}");
        let ticket: Ticket = match self.ask(&Request::get("bill", asked)).await? {
            Verdict::Yes(reply) => read(&reply)?,
            Verdict::No(refusal) if refusal.code == "NO_STATEMENT_EXIST" => {
                return Ok(Bill { lines: Vec::new(), raw: Vec::new() });
            }
            Verdict::No(refusal) => return Err(refusal.error()),
        };
        if !ticket.hash_type.eq_ignore_ascii_case("SHA1") {
            return Err(unclear("its hash is of an unknown kind"));
        }
        // Always our own gateway: an address in a reply must not lead elsewhere.
        let target = target(&ticket.download_url).ok_or_else(|| unclear("the download address is none"))?;
        let request = Request { patience: Patience::Download, ..Request::get("bill_download", target) };
        let reply = self.exchange.send(&request).await?;
        if reply.status != 200 {
            return Err(unclear(&format!("answered HTTP {}", reply.status)));
        }
        if !hex::encode(Sha1::digest(&reply.body)).eq_ignore_ascii_case(&ticket.hash_value) {
            return Err(unclear("the file does not match its hash"));
        }
        let lines = wechat_bill::lines(&reply.body).map_err(|problem| unclear(&problem))?;
        Ok(Bill { lines, raw: reply.body })
    }
}

#[cfg(test)]
mod tests {
    use super::target;

    #[test]
    fn only_path_and_query_of_a_download_address_count() {
        let url = "https://api.mch.weixin.qq.com/v3/billdownload/file?token=a%2Bb&tartype=gzip";
        assert_eq!(target(url), Some("/v3/billdownload/file?token=a%2Bb&tartype=gzip"));
        assert_eq!(target("https://elsewhere.example/x"), Some("/x"));
        for bad in ["", "/v3/x", "https://host", "https://host/账单"] {
            assert_eq!(target(bad), None, "{bad}");
        }
    }
}
