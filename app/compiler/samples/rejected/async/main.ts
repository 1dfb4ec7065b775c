const later = async (): Promise<number> => 1;
interface Promise<T> {
  then(take: (value: T) => void): void;
}
console.log(later === undefined);
