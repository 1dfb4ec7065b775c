/** What a receipt says of a delivery (delivery.ts), in a file of its own: a node remembers it when the rest is not loaded. */

/** The node has what was delivered. */
export const DELIVERED = 0;
/** The counter is not above the last one: send it again above the one in the receipt. */
export const DELIVERY_STALE = 1;
/** Unreadable, of another network, or of an older epoch. */
export const DELIVERY_REFUSED = 2;
/** The node could not store it and keeps what it had. */
export const DELIVERY_NOT_STORED = 3;
/** The node is further on with this rotation than the delivery. */
export const DELIVERY_PAST = 4;
