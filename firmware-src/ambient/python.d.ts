/** A parameter of this type takes an object literal, which becomes Python keyword arguments. */
type Keywords<T> = T;
