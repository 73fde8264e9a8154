/** topic0 of the events a bundle is compared with; tests/document compares them with the ABI. */
export const EVENT_RECORDED = "0xa3a80f55da802888d27f4d984f75ff208a4e9af0048e022cdf9350a968ca999e";
export const CUSTODY_TRANSFERRED = "0x5df00fc07d69c79e4e9ea4c0fbf9bfba5b3961d93a7f20ef75a4312daaa9d70b";
export const PRODUCT_RECALLED = "0xed7342b9ac70ffb0b76cac34ae8ddac10256a4cd9f3436753845cc6f7c3154bd";
export const BATCH_ATTESTED = "0x9b47a7373ab04c6039266b11c83e9b87a61875a907ae58141fa1aa530585f29f";
export const CREDIT_RETIRED = "0x2db33a918cf16d83f60562218d977fe81590329b4dc947a0103b785a8ce92804";
export const ACTOR_REGISTERED = "0x972222f584cc4fa72960a489ded2b08129b4eeb6ce21be7470e053b34e0ce248";
export const ACTOR_REVOKED = "0x88c0e457d6ae3265dc9732ba9147b4f56d3d04cda8ca31f79814a64e732a77de";
