//! Apps, their keys, and the nonces of their calls.

use super::database::Database;
use super::row::{Record, Row, json_text};
use super::seal::{MasterKeys, Place};
use super::statement::{Expect, Statement};
use crate::model::AppId;
use crate::pay::store::StoreError;
use crate::pay::{App, AppKey, AppKeyKind};

type Result<T> = std::result::Result<T, StoreError>;

macro_rules! app_columns {
    () => {
        "app_id, pid, name, enabled, settings, created_at"
    };
}

/// `pid` 0 takes the next free number; the first one is 1001.
pub(super) fn insert(a: &App) -> Result<Statement> {
    Ok(Statement::new(concat!(
        "insert into apps (",
        app_columns!(),
        ") values ($1, case when $2 = 0 then (select coalesce(max(pid), 1000) + 1 from apps) else $2 end, $3, $4, $5, $6)"
    ))
    .bind(a.app_id.as_str())
    .bind(a.pid)
    .bind(&a.name)
    .bind(a.enabled)
    .bind(json_text(&a.settings)?)
    .bind(a.created_at))
}

pub(super) fn save(a: &App) -> Result<Statement> {
    Ok(Statement::new("update apps set name = $2, enabled = $3, settings = $4 where app_id = $1")
        .bind(a.app_id.as_str())
        .bind(&a.name)
        .bind(a.enabled)
        .bind(json_text(&a.settings)?)
        .expect(Expect::Fresh))
}

fn key_place(key_id: &str) -> Place<'_> {
    Place { table: "app_keys", row: key_id, column: "value" }
}

pub(super) fn insert_key(k: &AppKey, keys: &MasterKeys) -> Result<Statement> {
    let sealed = keys.seal(key_place(&k.key_id), k.value.expose()).map_err(|e| StoreError::Other(e.to_string()))?;
    Ok(Statement::new(
        "insert into app_keys (key_id, app_id, kind, value, created_at, retires_at) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&k.key_id)
    .bind(k.app_id.as_str())
    .bind(k.kind.as_str())
    .bind(sealed)
    .bind(k.created_at)
    .bind(k.retires_at))
}

pub(super) fn retire_keys(app_id: &AppId, kind: AppKeyKind, retires_at: i64) -> Statement {
    Statement::new("update app_keys set retires_at = $3 where app_id = $1 and kind = $2 and retires_at is null")
        .bind(app_id.as_str())
        .bind(kind.as_str())
        .bind(retires_at)
}

pub(super) fn spend_nonce(app_id: &AppId, nonce: &str, expires_at: i64) -> Statement {
    Statement::new("insert into nonces (app_id, nonce, expires_at) values ($1, $2, $3)")
        .bind(app_id.as_str())
        .bind(nonce)
        .bind(expires_at)
}

fn read(row: &Record) -> Result<App> {
    let mut r = Row::of("apps", row);
    Ok(App {
        app_id: r.word(AppId::parse)?,
        pid: r.int()?,
        name: r.text()?,
        enabled: r.flag()?,
        settings: r.json()?,
        created_at: r.int()?,
    })
}

fn read_key(row: &Record, keys: &MasterKeys) -> Result<AppKey> {
    let mut r = Row::of("app_keys", row);
    let key_id = r.text()?;
    let app_id = r.word(AppId::parse)?;
    let kind = r.word(|text| AppKeyKind::parse(text).ok_or("unknown kind of key"))?;
    let sealed = r.text()?;
    let value = keys.open(key_place(&key_id), &sealed).map_err(|e| r.inconsistent(e))?;
    Ok(AppKey { key_id, app_id, kind, value, created_at: r.int()?, retires_at: r.opt_int()? })
}

impl Database {
    pub(super) async fn find_app(&self, app_id: &AppId) -> Result<Option<App>> {
        let query = Statement::new(concat!("select ", app_columns!(), " from apps where app_id = $1")).bind(app_id.as_str());
        self.row(query).await?.as_ref().map(read).transpose()
    }

    pub(super) async fn find_app_by_pid(&self, pid: i64) -> Result<Option<App>> {
        let query = Statement::new(concat!("select ", app_columns!(), " from apps where pid = $1")).bind(pid);
        self.row(query).await?.as_ref().map(read).transpose()
    }

    pub(super) async fn find_apps(&self) -> Result<Vec<App>> {
        let query = Statement::new(concat!("select ", app_columns!(), " from apps order by pid"));
        self.rows(query).await?.iter().map(read).collect()
    }

    /// Newest first.
    pub(super) async fn find_app_keys(&self, app_id: &AppId, now: i64) -> Result<Vec<AppKey>> {
        let query = Statement::new(
            "select key_id, app_id, kind, value, created_at, retires_at from app_keys \
             where app_id = $1 and (retires_at is null or retires_at > $2) order by created_at desc, key_id desc",
        )
        .bind(app_id.as_str())
        .bind(now);
        self.rows(query).await?.iter().map(|row| read_key(row, self.keys())).collect()
    }
}
