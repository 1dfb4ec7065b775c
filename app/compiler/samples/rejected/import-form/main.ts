export default function main(): void {
  console.log('main');
}
