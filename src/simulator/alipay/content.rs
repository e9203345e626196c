//! Content encryption of an app that has it switched on (provider's document: 接口内容加密方式): AES-128-CBC, PKCS#7, a start
//! vector of zeros, base64.

use super::account::Account;
use super::params::Params;
use super::refusal::Refusal;
use aes::Aes128;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockDecryptMut, BlockEncryptMut, KeyIvInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The key of an encrypted call.
fn key_of<'a>(account: &'a Account, params: &Params) -> Option<&'a [u8; 16]> {
    account.content_key.as_ref().filter(|_| params.get("encrypt_type").is_some())
}

/// `biz_content` of a call in the clear.
///
/// # Errors
/// When an encrypted one does not open with the account's key.
pub fn biz_content(account: &Account, params: &Params) -> Result<Option<String>, Refusal> {
    let Some(sent) = params.get("biz_content") else { return Ok(None) };
    let Some(key) = key_of(account, params) else { return Ok(Some(sent.to_owned())) };
    let cipher = cbc::Decryptor::<Aes128>::new(key.into(), &[0; 16].into());
    let plain = STANDARD.decode(sent).ok().and_then(|bytes| cipher.decrypt_padded_vec_mut::<Pkcs7>(&bytes).ok());
    plain.and_then(|bytes| String::from_utf8(bytes).ok()).map(Some).ok_or_else(Refusal::not_decrypted)
}

/// A good node as it answers this call: sealed and in quotes where the call was encrypted.
pub fn node(account: &Account, params: &Params, node: String) -> String {
    let Some(key) = key_of(account, params) else { return node };
    let cipher = cbc::Encryptor::<Aes128>::new(key.into(), &[0; 16].into());
    format!("\"{}\"", STANDARD.encode(cipher.encrypt_padded_vec_mut::<Pkcs7>(node.as_bytes())))
}
