//! Channels, the versions of their credentials, and apps' word on them.

use super::database::Database;
use super::row::{Record, Row, json_text, methods_text};
use super::seal::{MasterKeys, Place};
use super::statement::{Expect, Statement, Step};
use crate::model::{AppId, ChannelId, ChannelKind};
use crate::pay::store::StoreError;
use crate::pay::{ChannelAccount, ChannelRecord, Credentials, Offer, Secret};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

type Result<T> = std::result::Result<T, StoreError>;

macro_rules! channel_columns {
    () => {
        "c.channel_id, c.kind, c.name, c.app_id, c.enabled, c.methods, c.gateway_url, c.ca_pem, c.priority, c.version, \
         c.created_at, c.updated_at"
    };
}

pub(super) fn insert(c: &ChannelRecord, credentials: &Credentials, keys: &MasterKeys) -> Result<Vec<Step>> {
    let insert = Statement::new(
        "insert into channels (channel_id, kind, name, app_id, enabled, methods, gateway_url, ca_pem, priority, version, \
         created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(c.channel_id.as_str())
    .bind(c.kind.as_str())
    .bind(&c.name)
    .opt_word(c.app_id.as_ref())
    .bind(c.enabled)
    .bind(methods_text(&c.methods))
    .bind(c.gateway_url.clone())
    .bind(c.ca_pem.clone())
    .bind(c.priority)
    .bind(1)
    .bind(c.created_at)
    .bind(c.updated_at);
    Ok(vec![insert.into(), insert_version(&c.channel_id, 1, c.created_at, credentials, keys)?.into()])
}

/// With credentials the stored version must be the one before `c.version`, without them `c.version` itself: of two people
/// who edit at once, the second is told so.
pub(super) fn save(c: &ChannelRecord, credentials: Option<&Credentials>, keys: &MasterKeys) -> Result<Vec<Step>> {
    let was = if credentials.is_some() { c.version - 1 } else { c.version };
    let update = Statement::new(
        "update channels set name = $3, app_id = $4, enabled = $5, methods = $6, gateway_url = $7, ca_pem = $8, priority = $9, \
         version = $10, updated_at = $11 where channel_id = $1 and version = $2",
    )
    .bind(c.channel_id.as_str())
    .bind(was)
    .bind(&c.name)
    .opt_word(c.app_id.as_ref())
    .bind(c.enabled)
    .bind(methods_text(&c.methods))
    .bind(c.gateway_url.clone())
    .bind(c.ca_pem.clone())
    .bind(c.priority)
    .bind(c.version)
    .bind(c.updated_at)
    .expect(Expect::Fresh);
    let mut steps = vec![update.into()];
    if let Some(credentials) = credentials {
        steps.push(insert_version(&c.channel_id, c.version, c.updated_at, credentials, keys)?.into());
    }
    Ok(steps)
}

/// The row's name in the sealing of its credentials.
pub(super) fn version_row(channel_id: &str, version: i64) -> String {
    format!("{channel_id}:{version}")
}

fn insert_version(
    channel_id: &ChannelId,
    version: i64,
    created_at: i64,
    credentials: &Credentials,
    keys: &MasterKeys,
) -> Result<Statement> {
    let plain: BTreeMap<&str, &str> = credentials.iter().map(|(name, value)| (name.as_str(), value.expose().as_str())).collect();
    let text = Zeroizing::new(json_text(&plain)?);
    let row = version_row(channel_id.as_str(), version);
    let place = Place { table: "channel_versions", row: &row, column: "credentials" };
    let sealed = keys.seal(place, &text).map_err(|e| StoreError::Other(e.to_string()))?;
    Ok(Statement::new("insert into channel_versions (channel_id, version, credentials, created_at) values ($1, $2, $3, $4)")
        .bind(channel_id.as_str())
        .bind(version)
        .bind(sealed)
        .bind(created_at))
}

pub(super) fn save_offer(o: &Offer) -> Statement {
    Statement::new(
        "insert into channel_offers (app_id, channel_id, offered, priority) values ($1, $2, $3, $4) \
         on conflict (app_id, channel_id) do update set offered = excluded.offered, priority = excluded.priority",
    )
    .bind(o.app_id.as_str())
    .bind(o.channel_id.as_str())
    .bind(o.offered)
    .bind(o.priority)
}

fn columns(r: &mut Row<'_>) -> Result<ChannelRecord> {
    Ok(ChannelRecord {
        channel_id: r.word(ChannelId::parse)?,
        kind: r.word(ChannelKind::parse)?,
        name: r.text()?,
        app_id: r.opt_word(AppId::parse)?,
        enabled: r.flag()?,
        methods: r.methods()?,
        gateway_url: r.opt_text()?,
        ca_pem: r.opt_text()?,
        priority: r.int()?,
        version: r.int()?,
        created_at: r.int()?,
        updated_at: r.int()?,
    })
}

fn read(row: &Record) -> Result<ChannelRecord> {
    columns(&mut Row::of("channels", row))
}

fn read_offer(row: &Record) -> Result<Offer> {
    let mut r = Row::of("channel_offers", row);
    Ok(Offer { app_id: r.word(AppId::parse)?, channel_id: r.word(ChannelId::parse)?, offered: r.flag()?, priority: r.opt_int()? })
}

fn read_account(row: &Record, keys: &MasterKeys) -> Result<ChannelAccount> {
    let mut r = Row::of("channels", row);
    let record = columns(&mut r)?;
    let version = r.int()?;
    let sealed = r.text()?;
    let name = version_row(record.channel_id.as_str(), version);
    let place = Place { table: "channel_versions", row: &name, column: "credentials" };
    let text = keys.open(place, &sealed).map_err(|e| r.inconsistent(e))?;
    let plain: BTreeMap<String, String> =
        serde_json::from_str(text.expose()).map_err(|_| r.inconsistent("the credentials are no object of texts"))?;
    let credentials = plain.into_iter().map(|(field, value)| (field, Secret::new(value))).collect();
    Ok(ChannelAccount { record, version, credentials })
}

impl Database {
    pub(super) async fn find_channel(&self, channel_id: &ChannelId) -> Result<Option<ChannelRecord>> {
        let query = Statement::new(concat!("select ", channel_columns!(), " from channels c where c.channel_id = $1"))
            .bind(channel_id.as_str());
        self.row(query).await?.as_ref().map(read).transpose()
    }

    pub(super) async fn find_channels(&self) -> Result<Vec<ChannelRecord>> {
        let query = Statement::new(concat!("select ", channel_columns!(), " from channels c order by c.priority, c.channel_id"));
        self.rows(query).await?.iter().map(read).collect()
    }

    pub(super) async fn find_channels_of_app(&self, app_id: &AppId) -> Result<Vec<ChannelRecord>> {
        // In the place of the channel's own priority stands the one that counts for this app.
        let query = Statement::new(
            "select c.channel_id, c.kind, c.name, c.app_id, c.enabled, c.methods, c.gateway_url, c.ca_pem, \
             coalesce(o.priority, c.priority), c.version, c.created_at, c.updated_at \
             from channels c left join channel_offers o on o.channel_id = c.channel_id and o.app_id = $1 \
             where c.enabled = 1 and (c.app_id is null or c.app_id = $1) and coalesce(o.offered, 1) = 1 \
             order by coalesce(o.priority, c.priority), c.channel_id",
        )
        .bind(app_id.as_str());
        self.rows(query).await?.iter().map(read).collect()
    }

    pub(super) async fn find_offers(&self, channel_id: &ChannelId) -> Result<Vec<Offer>> {
        let query = Statement::new(
            "select app_id, channel_id, offered, priority from channel_offers where channel_id = $1 order by app_id",
        )
        .bind(channel_id.as_str());
        self.rows(query).await?.iter().map(read_offer).collect()
    }

    pub(super) async fn find_channel_account(&self, channel_id: &ChannelId, version: i64) -> Result<Option<ChannelAccount>> {
        let query = Statement::new(concat!(
            "select ",
            channel_columns!(),
            ", v.version, v.credentials from channels c join channel_versions v on v.channel_id = c.channel_id \
             where c.channel_id = $1 and v.version = $2"
        ))
        .bind(channel_id.as_str())
        .bind(version);
        self.row(query).await?.map(|row| read_account(&row, self.keys())).transpose()
    }
}
