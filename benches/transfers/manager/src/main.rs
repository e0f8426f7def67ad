//! Moves a file or a tree with aws-sdk-s3-transfer-manager, as its documentation and example do.
//!
//! usage: manager put|get|put-tree|get-tree BUCKET KEY PATH

use std::error::Error;

use aws_config::BehaviorVersion;
use aws_sdk_s3_transfer_manager::io::InputStream;
use aws_sdk_s3_transfer_manager::{Client, Config};
use tokio::io::AsyncWriteExt as _;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [verb, bucket, key, path] = &args[..] else { return Err("four arguments".into()) };
    let shared = aws_config::defaults(BehaviorVersion::latest()).load().await;
    let s3 = aws_sdk_s3::config::Builder::from(&shared).force_path_style(true).build();
    let manager = Client::new(Config::builder().client(aws_sdk_s3::Client::from_conf(s3)).build());
    match verb.as_str() {
        "put" => {
            let body = InputStream::from_path(path)?;
            manager.upload().bucket(bucket).key(key).body(body).initiate()?.join().await?;
        }
        "get" => {
            let mut file = tokio::fs::File::create(path).await?;
            let mut handle = manager.download().bucket(bucket).key(key).initiate()?;
            while let Some(chunk) = handle.body_mut().next().await {
                for segment in chunk?.data.into_segments() {
                    file.write_all(&segment).await?;
                }
            }
            file.flush().await?;
        }
        "put-tree" => {
            let upload = manager.upload_objects().source(path).bucket(bucket).key_prefix(key);
            upload.recursive(true).send().await?.join().await?;
        }
        "get-tree" => {
            tokio::fs::create_dir_all(path).await?;
            let download = manager.download_objects().bucket(bucket).key_prefix(key).destination(path);
            download.send().await?.join().await?;
        }
        other => return Err(format!("{other}?").into()),
    }
    Ok(())
}
