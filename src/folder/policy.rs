//! The policy that limits a session to one folder, as AWS evaluates it. Pure.
//!
//! Source: IAM user guide, "Policy variables", for `${*}`, `${?}` and `${$}`; S3 user guide, "Actions, resources, and
//! condition keys", for what the file commands need.

use serde_json::{Value, json};

use super::FolderPrefix;
use crate::config::names::{BucketName, Region};
use crate::config::profile::Encryption;

/// Allows what the file commands do in one folder, and nothing else: the same as the per-user policy of a bucket, with
/// the folder's name written out. What only some need (versions, tags) is in it too: a session policy gives nothing that
/// whoever makes the session doesn't have.
pub fn own_folder_policy(
    bucket: &BucketName,
    region: &Region,
    prefix: &FolderPrefix,
    encryption: Option<&Encryption>,
) -> Value {
    let bucket = format!("arn:{}:s3:::{bucket}", region.partition());
    let folder = literal(prefix.as_str());
    let mut statements = vec![
        json!({
            "Effect": "Allow",
            "Action": ["s3:ListBucket", "s3:ListBucketVersions"],
            "Resource": bucket,
            "Condition": { "StringLike": { "s3:prefix": format!("{folder}*") } },
        }),
        json!({
            "Effect": "Allow",
            "Action": [
                "s3:GetObject",
                "s3:GetObjectVersion",
                "s3:PutObject",
                "s3:PutObjectTagging",
                "s3:DeleteObject",
                "s3:AbortMultipartUpload",
                "s3:ListMultipartUploadParts",
            ],
            "Resource": format!("{bucket}/{folder}*"),
        }),
    ];
    if matches!(encryption, Some(Encryption::Kms { .. })) {
        // Both are needed to upload in parts; only through S3, and only with keys whose own policy allows it.
        let through = format!("s3.{region}.{}", region.dns_suffix());
        statements.push(json!({
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": "*",
            "Condition": { "StringEquals": { "kms:ViaService": through } },
        }));
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// A text that stands for itself in a policy, whatever is in it.
fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '*' | '?' | '$' => literal.extend(["${", c.encode_utf8(&mut [0; 4]), "}"]),
            c => literal.push(c),
        }
    }
    literal
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::Facts;

    fn policy(template: &str, region: &str, encryption: Option<&Encryption>) -> Value {
        let facts = Facts { user_id: "111122223333:dora".into(), ..Facts::default() };
        let prefix = FolderPrefix::resolve(&template.parse().unwrap(), &facts).unwrap();
        own_folder_policy(&"docs-bucket".parse().unwrap(), &region.parse().unwrap(), &prefix, encryption)
    }

    #[test]
    fn the_folder_is_written_out_in_both_statements() {
        let policy = policy("${aws:userid}/", "eu-central-1", None);
        let [list, objects] = policy["Statement"].as_array().unwrap().as_slice() else { panic!("two: {policy}") };
        assert_eq!(list["Resource"], "arn:aws:s3:::docs-bucket");
        assert_eq!(list["Condition"]["StringLike"]["s3:prefix"], "111122223333:dora/*");
        assert_eq!(objects["Resource"], "arn:aws:s3:::docs-bucket/111122223333:dora/*");
    }

    #[test]
    fn a_template_with_wildcards_in_it_opens_no_other_folder() {
        let policy = policy("a*b?${aws:userid}/", "cn-north-1", None);
        let wanted = "arn:aws-cn:s3:::docs-bucket/a${*}b${?}111122223333:dora/*";
        assert_eq!(policy["Statement"][1]["Resource"], wanted);
        assert_eq!(literal("a$b${c}"), "a${$}b${$}{c}");
    }

    #[test]
    fn encryption_with_kms_needs_its_key_through_s3() {
        let policy = policy("${aws:userid}/", "us-gov-west-1", Some(&Encryption::Kms { key_id: None }));
        assert_eq!(
            policy["Statement"][2]["Condition"]["StringEquals"]["kms:ViaService"],
            "s3.us-gov-west-1.amazonaws.com"
        );
        assert_eq!(policy["Statement"][0]["Resource"], "arn:aws-us-gov:s3:::docs-bucket");
    }
}
